//! The operators of a graph: which there are, and those that work number by number.

use super::array::{Array, Budget, Values, Walk, broadcast};
use super::{GraphError, products, read, recurrent, shapes};
use crate::onnx::message::{Attribute, BOOL, DOUBLE, FLOAT, INT32, INT64, Node};
use crate::random::narrow;

/// The operators that are read.
pub(super) const KINDS: &[&str] = &[
    "Abs",
    "Add",
    "And",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Ceil",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "Cos",
    "Div",
    "Dropout",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "GRU",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "Identity",
    "LSTM",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "MatMul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "Not",
    "Or",
    "Pad",
    "Pow",
    "RNN",
    "Range",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Round",
    "Selu",
    "Shape",
    "Sigmoid",
    "Sign",
    "Sin",
    "Slice",
    "Softmax",
    "Softplus",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "Transpose",
    "Unsqueeze",
    "Where",
];

/// One node of a graph.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operator {
    kind: &'static str,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    attributes: Vec<Attribute>,
}

/// What an operator is given; an input that is left out is none.
pub(super) type Given<'a> = [Option<&'a Array>];

impl Operator {
    /// The operator of `node`.
    pub(super) fn of(node: &Node) -> Result<Self, GraphError> {
        let is_standard = matches!(node.domain.as_str(), "" | "ai.onnx");
        let kind = KINDS.iter().copied().find(|kind| is_standard && *kind == node.op_type);
        let kind = kind.ok_or_else(|| GraphError::Operator {
            kind: match node.domain.as_str() {
                "" => node.op_type.clone(),
                domain => format!("{domain}.{}", node.op_type),
            },
        })?;
        let (inputs, outputs) = (node.input.clone(), node.output.clone());
        Ok(Self { kind, inputs, outputs, attributes: node.attribute.clone() })
    }

    /// What kept it from its work, with its own name.
    pub(super) fn named(&self, error: GraphError) -> GraphError {
        match error {
            GraphError::TooLarge | GraphError::TooLong => error,
            error => GraphError::Node {
                kind: self.kind.to_owned(),
                output: self.outputs.first().cloned().unwrap_or_default(),
                source: Box::new(error),
            },
        }
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// A whole number, or what it is where it is not set.
    pub(super) fn int(&self, name: &str, usual: i64) -> i64 {
        self.attribute(name).and_then(|attribute| attribute.i).unwrap_or(usual)
    }

    pub(super) fn float(&self, name: &str, usual: f64) -> f64 {
        self.attribute(name).and_then(|attribute| attribute.f).map_or(usual, f64::from)
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.attribute(name).map(|attribute| String::from_utf8_lossy(&attribute.s).into_owned())
    }

    /// What it makes of `given`.
    pub(super) fn run(
        &self,
        given: &Given<'_>,
        budget: &mut Budget,
    ) -> Result<Vec<Array>, GraphError> {
        if let Some(of_one) = self.of_one() {
            return Ok(vec![each(input(given, 0)?, of_one, budget)?]);
        }
        if let Some(of_two) = of_two(self.kind) {
            return Ok(vec![both(input(given, 0)?, input(given, 1)?, of_two, budget)?]);
        }
        let one = match self.kind {
            "LSTM" | "GRU" | "RNN" => return recurrent::run(self, self.kind, given, budget),
            "Split" => return shapes::split(self, given, budget),
            "Constant" => self.constant(budget)?,
            "Cast" => self.cast(input(given, 0)?, budget)?,
            "Clip" => clip(given, budget)?,
            "Sum" | "Mean" | "Max" | "Min" => self.several(given, budget)?,
            "Where" => choose(given, budget)?,
            "Softmax" | "LogSoftmax" => self.softmax(input(given, 0)?, budget)?,
            "MatMul" => products::matmul(input(given, 0)?, input(given, 1)?, budget)?,
            "Gemm" => products::gemm(self, given, budget)?,
            "Conv" => products::conv(self, given, budget)?,
            "MaxPool" | "AveragePool" => products::pool(self, self.kind, given, budget)?,
            "LayerNormalization" => products::layer_norm(self, given, budget)?,
            "BatchNormalization" => products::batch_norm(self, given, budget)?,
            kind => shapes::run(self, kind, given, budget)?,
        };
        Ok(vec![one])
    }

    /// What it does to a single number, where it does that.
    fn of_one(&self) -> Option<Box<dyn Fn(f64) -> f64>> {
        let alpha = |usual| self.float("alpha", usual);
        Some(match self.kind {
            "Abs" => Box::new(f64::abs),
            "Ceil" => Box::new(f64::ceil),
            "Cos" => Box::new(f64::cos),
            "Exp" => Box::new(f64::exp),
            "Floor" => Box::new(f64::floor),
            "Log" => Box::new(f64::ln),
            "Neg" => Box::new(|x| -x),
            "Not" => Box::new(|x| if x == 0.0 { 1.0 } else { 0.0 }),
            "Reciprocal" => Box::new(f64::recip),
            "Relu" => Box::new(|x| if x < 0.0 { 0.0 } else { x }),
            "Round" => Box::new(f64::round_ties_even),
            "Sigmoid" => Box::new(sigmoid),
            "Sign" => Box::new(|x| if x == 0.0 { 0.0 } else { x.signum() }),
            "Sin" => Box::new(f64::sin),
            "Softplus" => Box::new(|x| x.max(0.0) + (-x.abs()).exp().ln_1p()),
            "Sqrt" => Box::new(f64::sqrt),
            "Tanh" => Box::new(f64::tanh),
            "Erf" => Box::new(erf),
            "Gelu" if self.text("approximate").as_deref() == Some("tanh") => Box::new(|x| {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
                0.5 * x * (1.0 + inner.tanh())
            }),
            "Gelu" => Box::new(|x| 0.5 * x * (1.0 + erf(x / std::f64::consts::SQRT_2))),
            "LeakyRelu" => {
                let alpha = alpha(0.01);
                Box::new(move |x| if x < 0.0 { alpha * x } else { x })
            }
            "Elu" => {
                let alpha = alpha(1.0);
                Box::new(move |x| if x < 0.0 { alpha * x.exp_m1() } else { x })
            }
            "Selu" => {
                let (alpha, gamma) =
                    (alpha(1.673_263_242_354_377), self.float("gamma", 1.050_700_987));
                Box::new(move |x| gamma * if x < 0.0 { alpha * x.exp_m1() } else { x })
            }
            "HardSigmoid" => {
                let (alpha, beta) = (alpha(0.2), self.float("beta", 0.5));
                Box::new(move |x| (alpha * x + beta).clamp(0.0, 1.0))
            }
            _ => return None,
        })
    }

    fn constant(&self, budget: &mut Budget) -> Result<Array, GraphError> {
        let set = self.attributes.first().ok_or(GraphError::Missing { at: 0 })?;
        let array = match (set.name.as_str(), &set.t) {
            ("value", Some(tensor)) => read(tensor)?,
            ("value_float", _) => Array::real(vec![], vec![self.float("value_float", 0.0)]),
            ("value_int", _) => Array::whole(vec![], vec![self.int("value_int", 0)]),
            ("value_floats", _) => {
                let values: Vec<f64> = set.floats.iter().copied().map(f64::from).collect();
                Array::real(vec![values.len()], values)
            }
            ("value_ints", _) => Array::whole(vec![set.ints.len()], set.ints.clone()),
            _ => return Err(GraphError::Attribute { attribute: set.name.clone() }),
        };
        budget.array(&array.dims)?;
        Ok(array)
    }

    fn cast(&self, x: &Array, budget: &mut Budget) -> Result<Array, GraphError> {
        budget.array(&x.dims)?;
        let to = i32::try_from(self.int("to", 0)).unwrap_or(0);
        let dims = x.dims.clone();
        Ok(match to {
            FLOAT => {
                let single = |x: f64| f64::from(narrow(x));
                Array::real(dims, x.reals().into_iter().map(single).collect())
            }
            DOUBLE => Array::real(dims, x.reals()),
            BOOL => {
                let truth = |x: f64| i64::from(x != 0.0);
                Array::whole(dims, x.reals().into_iter().map(truth).collect())
            }
            INT32 | INT64 => match &x.values {
                Values::Whole(values) => Array::whole(dims, values.clone()),
                Values::Real(values) => {
                    Array::whole(dims, values.iter().map(|value| towards_zero(*value)).collect())
                }
            },
            _ => return Err(GraphError::Attribute { attribute: "to".to_owned() }),
        })
    }

    fn several(&self, given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
        let of_two: fn(f64, f64) -> f64 = match self.kind {
            "Max" => |a, b| if a < b { b } else { a },
            "Min" => |a, b| if a > b { b } else { a },
            _ => |a, b| a + b,
        };
        let mut all = input(given, 0)?.clone();
        for at in 1..given.len() {
            all = both(&all, input(given, at)?, of_two, budget)?;
        }
        if self.kind == "Mean" {
            let count = given.len() as f64;
            all = each(&all, Box::new(move |sum| sum / count), budget)?;
        }
        Ok(all)
    }

    fn softmax(&self, x: &Array, budget: &mut Budget) -> Result<Array, GraphError> {
        let axis = Array::axis(x.rank(), self.int("axis", -1))?;
        // Before operator set 13 it took all dimensions from the axis on together.
        require("axis", axis + 1 == x.rank())?;
        budget.array(&x.dims)?;
        let width = x.dims.last().copied().unwrap_or(1).max(1);
        let is_log = self.kind == "LogSoftmax";
        let row = |row: &[f64]| {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = row.iter().map(|x| (x - top).exp()).sum();
            let of = |x: &f64| if is_log { x - top - sum.ln() } else { (x - top).exp() / sum };
            row.iter().map(of).collect::<Vec<f64>>()
        };
        Ok(Array::real(x.dims.clone(), x.reals().chunks(width).flat_map(row).collect()))
    }
}

/// What an operator does to two numbers, where it does that.
fn of_two(kind: &str) -> Option<fn(f64, f64) -> f64> {
    Some(match kind {
        "Add" => |a, b| a + b,
        "Sub" => |a, b| a - b,
        "Mul" => |a, b| a * b,
        "Div" => |a, b| a / b,
        "Pow" => f64::powf,
        // The sign of the divisor, as for whole numbers.
        "Mod" => |a, b| a - b * (a / b).floor(),
        "And" => |a, b| f64::from(u8::from(a != 0.0 && b != 0.0)),
        "Or" => |a, b| f64::from(u8::from(a != 0.0 || b != 0.0)),
        "Equal" => |a, b| f64::from(u8::from(a.total_cmp(&b).is_eq())),
        "Greater" => |a, b| f64::from(u8::from(a > b)),
        "GreaterOrEqual" => |a, b| f64::from(u8::from(a >= b)),
        "Less" => |a, b| f64::from(u8::from(a < b)),
        "LessOrEqual" => |a, b| f64::from(u8::from(a <= b)),
        _ => return None,
    })
}

/// An input that has to be there.
pub(super) fn input<'a>(given: &Given<'a>, at: usize) -> Result<&'a Array, GraphError> {
    given.get(at).copied().flatten().ok_or(GraphError::Missing { at })
}

/// Whole numbers stay whole where what is done to them leaves them so.
fn each(x: &Array, of: Box<dyn Fn(f64) -> f64>, budget: &mut Budget) -> Result<Array, GraphError> {
    budget.array(&x.dims)?;
    let values = x.reals().into_iter().map(of).collect();
    Ok(kind_of(x, x.dims.clone(), values))
}

fn both(
    a: &Array,
    b: &Array,
    of: fn(f64, f64) -> f64,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let dims = broadcast(&a.dims, &b.dims)?;
    budget.array(&dims)?;
    let (places_a, places_b) =
        (Walk::new(&dims, &a.stretched(&dims)?), Walk::new(&dims, &b.stretched(&dims)?));
    let (of_a, of_b) = (a.reals(), b.reals());
    let at = |values: &[f64], place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let values: Vec<f64> =
        places_a.zip(places_b).map(|(i, j)| of(at(&of_a, i), at(&of_b, j))).collect();
    let is_whole = matches!((&a.values, &b.values), (Values::Whole(_), Values::Whole(_)));
    Ok(if is_whole { kind_of(a, dims, values) } else { Array::real(dims, values) })
}

/// `values` of the same kind of number as those of `like`; a division of whole numbers goes towards 0.
fn kind_of(like: &Array, dims: Vec<usize>, values: Vec<f64>) -> Array {
    match like.values {
        Values::Real(_) => Array::real(dims, values),
        Values::Whole(_) => Array::whole(dims, values.into_iter().map(towards_zero).collect()),
    }
}

/// The whole number next to `value` on the side of 0; 0 for what is no number.
#[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted here")]
pub(super) fn towards_zero(value: f64) -> i64 {
    value as i64
}

fn choose(given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    let (holds, then, other) = (input(given, 0)?, input(given, 1)?, input(given, 2)?);
    let dims = broadcast(&broadcast(&holds.dims, &then.dims)?, &other.dims)?;
    budget.array(&dims)?;
    let places = |array: &Array| Ok::<_, GraphError>(Walk::new(&dims, &array.stretched(&dims)?));
    let (at_holds, at_then, at_other) = (places(holds)?, places(then)?, places(other)?);
    let (holds, of_then, of_other) = (holds.reals(), then.reals(), other.reals());
    let at = |values: &[f64], place: usize| values.get(place).copied().unwrap_or(f64::NAN);
    let pick = |((i, j), k): ((usize, usize), usize)| {
        if at(&holds, i) == 0.0 { at(&of_other, k) } else { at(&of_then, j) }
    };
    let values = at_holds.zip(at_then).zip(at_other).map(pick).collect();
    Ok(kind_of(then, dims, values))
}

pub(super) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// The error function, to 10⁻¹⁵: its series below 2.5, and the continued fraction of what is left above.
///
/// Source: Abramowitz & Stegun (1964), 7.1.6 and 7.1.14.
pub(super) fn erf(x: f64) -> f64 {
    let magnitude = x.abs();
    if x.is_nan() {
        return x;
    }
    let value = if magnitude < 2.5 {
        let (mut term, mut sum, mut n) = (magnitude, magnitude, 0.0);
        while term > sum * f64::EPSILON / 4.0 {
            n += 1.0;
            term *= 2.0 * magnitude * magnitude / (2.0 * n + 1.0);
            sum += term;
        }
        2.0 / std::f64::consts::PI.sqrt() * (-magnitude * magnitude).exp() * sum
    } else if magnitude > 6.0 {
        1.0
    } else {
        let mut fraction = magnitude;
        for n in (1..=100_u32).rev() {
            fraction = magnitude + f64::from(n) / 2.0 / fraction;
        }
        1.0 - (-magnitude * magnitude).exp() / (fraction * std::f64::consts::PI.sqrt())
    };
    value.copysign(x)
}

/// That the attribute `name` is not set to something that is not done here: what `holds` says.
pub(super) fn require(name: &str, holds: bool) -> Result<(), GraphError> {
    if holds { Ok(()) } else { Err(GraphError::Attribute { attribute: name.to_owned() }) }
}

fn clip(given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    let bound = |at: usize, usual: f64| match given.get(at).copied().flatten() {
        Some(bound) => bound.reals().first().copied().unwrap_or(usual),
        None => usual,
    };
    let (least, most) = (bound(1, f64::NEG_INFINITY), bound(2, f64::INFINITY));
    let within = move |x: f64| {
        let x = if x < least { least } else { x };
        if x > most { most } else { x }
    };
    each(input(given, 0)?, Box::new(within), budget)
}
