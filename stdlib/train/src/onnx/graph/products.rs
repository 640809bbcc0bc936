//! Operators that sum products: connections, convolutions, pools, norms.

use super::GraphError;
use super::array::{Array, Budget, Walk, broadcast};
use super::operators::{Given, Operator, input, require};

/// The product of the two innermost dimensions, those before stretched to each other.
pub(super) fn matmul(a: &Array, b: &Array, budget: &mut Budget) -> Result<Array, GraphError> {
    let apart = || GraphError::Shape { found: a.dims.clone(), wanted: b.dims.clone() };
    // A single row or column is a matrix for as long as the product takes.
    let (of_a, of_b) = match (a.rank(), b.rank()) {
        (0, _) | (_, 0) => return Err(apart()),
        (1, 1) => (a.clone().reshaped(vec![1, a.len()])?, b.clone().reshaped(vec![b.len(), 1])?),
        (1, _) => (a.clone().reshaped(vec![1, a.len()])?, b.clone()),
        (_, 1) => (a.clone(), b.clone().reshaped(vec![b.len(), 1])?),
        _ => (a.clone(), b.clone()),
    };
    let split = |array: &Array| -> Option<(Vec<usize>, usize, usize)> {
        let (columns, rest) = array.dims.split_last()?;
        let (rows, outer) = rest.split_last()?;
        Some((outer.to_vec(), *rows, *columns))
    };
    let (Some((outer_a, rows, inner)), Some((outer_b, inner_b, columns))) =
        (split(&of_a), split(&of_b))
    else {
        return Err(apart());
    };
    if inner != inner_b {
        return Err(apart());
    }
    let outer = broadcast(&outer_a, &outer_b)?;
    let mut dims = outer.clone();
    dims.extend([rows, columns]);
    let count = budget.array(&dims)?;
    budget.work(&[count, inner])?;
    // Which matrix of each goes into which of the product.
    let blocks = |of: Vec<usize>| -> Result<Walk, GraphError> {
        let count = of.iter().product();
        Ok(Walk::new(&outer, &Array::whole(of, vec![0; count]).stretched(&outer)?))
    };
    let (at_a, at_b) = (blocks(outer_a)?, blocks(outer_b)?);
    let (values_a, values_b) = (of_a.reals(), of_b.reals());
    let mut values = Vec::with_capacity(count);
    for (block_a, block_b) in at_a.zip(at_b) {
        let a = values_a.get(block_a * rows * inner..).unwrap_or_default();
        let b = values_b.get(block_b * inner * columns..).unwrap_or_default();
        for row in a.chunks(inner.max(1)).take(rows) {
            let mut sums = vec![0.0; columns];
            for (factor, line) in row.iter().zip(b.chunks(columns.max(1))) {
                for (sum, value) in sums.iter_mut().zip(line) {
                    *sum += factor * value;
                }
            }
            values.extend(sums);
        }
    }
    if a.rank() == 1 {
        dims.remove(dims.len() - 2);
    }
    if b.rank() == 1 {
        dims.pop();
    }
    values.resize(dims.iter().product(), 0.0);
    Ok(Array::real(dims, values))
}

/// A · B times `alpha`, plus C times `beta`.
pub(super) fn gemm(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let turned = |at: usize, name: &str, budget: &mut Budget| -> Result<Array, GraphError> {
        let matrix = input(given, at)?;
        match (operator.int(name, 0), matrix.rank()) {
            (0, _) => Ok(matrix.clone()),
            (_, 2) => matrix.transposed(&[1, 0], budget),
            _ => Err(GraphError::Shape { found: matrix.dims.clone(), wanted: vec![0, 0] }),
        }
    };
    let (a, b) = (turned(0, "transA", budget)?, turned(1, "transB", budget)?);
    let product = matmul(&a, &b, budget)?;
    let (alpha, beta) = (operator.float("alpha", 1.0), operator.float("beta", 1.0));
    let mut values = product.reals();
    for value in &mut values {
        *value *= alpha;
    }
    if let Some(c) = given.get(2).copied().flatten() {
        let places = Walk::new(&product.dims, &c.stretched(&product.dims)?);
        let added = c.reals();
        for (value, place) in values.iter_mut().zip(places) {
            *value += beta * added.get(place).copied().unwrap_or(0.0);
        }
    }
    Ok(Array::real(product.dims, values))
}

/// How a window is moved along the last of `[batch, channel, step]`.
struct Frame {
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    steps: usize,
    out: usize,
}

impl Frame {
    fn of(operator: &Operator, kernel: usize, steps: usize) -> Result<Self, GraphError> {
        let auto = operator.text("auto_pad");
        require("auto_pad", matches!(auto.as_deref(), None | Some("" | "NOTSET" | "VALID")))?;
        require("ceil_mode", operator.int("ceil_mode", 0) == 0)?;
        let one = |name: &str, usual: usize| match operator.ints(name) {
            None => Ok(usual),
            Some([only]) => usize::try_from(*only)
                .map_err(|_| GraphError::Attribute { attribute: name.to_owned() }),
            Some(_) => Err(GraphError::Attribute { attribute: name.to_owned() }),
        };
        let (stride, dilation) = (one("strides", 1)?, one("dilations", 1)?);
        require("strides", stride > 0)?;
        require("kernel_shape", kernel > 0)?;
        let pads = match operator.ints("pads") {
            None => (0, 0),
            Some([before, after]) => (*before, *after),
            Some(_) => return Err(GraphError::Attribute { attribute: "pads".to_owned() }),
        };
        let pad = |pad: i64| {
            usize::try_from(pad).map_err(|_| GraphError::Attribute { attribute: "pads".to_owned() })
        };
        let (before, after) = (pad(pads.0)?, pad(pads.1)?);
        let seen = (kernel - 1).saturating_mul(dilation).saturating_add(1);
        let padded = steps.saturating_add(before).saturating_add(after);
        let out = padded.checked_sub(seen).map_or(0, |room| room / stride + 1);
        Ok(Self { kernel, stride, dilation, before, steps, out })
    }

    /// The step that tap `tap` of output `at` sees; none in the padding.
    fn step(&self, at: usize, tap: usize) -> Option<usize> {
        let step = (at * self.stride + tap * self.dilation).checked_sub(self.before)?;
        (step < self.steps).then_some(step)
    }
}

/// `[batch, channel, step]` with `[filter, channel of the group, tap]`.
pub(super) fn conv(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let (x, weight) = (input(given, 0)?, input(given, 1)?);
    let ([batch, channels, steps], [filters, inside, kernel]) =
        (x.dims.as_slice(), weight.dims.as_slice())
    else {
        return Err(GraphError::Shape { found: x.dims.clone(), wanted: weight.dims.clone() });
    };
    let groups = usize::try_from(operator.int("group", 1)).unwrap_or(0);
    require("group", groups > 0 && filters.is_multiple_of(groups))?;
    if Some(*channels) != inside.checked_mul(groups) {
        return Err(GraphError::Shape { found: x.dims.clone(), wanted: weight.dims.clone() });
    }
    let frame = Frame::of(operator, *kernel, *steps)?;
    let dims = vec![*batch, *filters, frame.out];
    let count = budget.array(&dims)?;
    budget.work(&[count, *inside, *kernel])?;
    let bias = given.get(2).copied().flatten().map(Array::reals).unwrap_or_default();
    let (x, weight) = (x.reals(), weight.reals());
    let mut values = Vec::with_capacity(count);
    for (row, filter) in (0..*batch).flat_map(|row| (0..*filters).map(move |filter| (row, filter)))
    {
        let first = filter / (filters / groups) * inside;
        let taps = weight.get(filter * inside * kernel..).unwrap_or_default();
        for at in 0..frame.out {
            let mut sum = bias.get(filter).copied().unwrap_or(0.0);
            for (channel, taps) in taps.chunks(*kernel).take(*inside).enumerate() {
                let line = (row * channels + first + channel) * steps;
                for (tap, weight) in taps.iter().enumerate() {
                    let seen = frame.step(at, tap).and_then(|step| x.get(line + step));
                    sum += weight * seen.copied().unwrap_or(0.0);
                }
            }
            values.push(sum);
        }
    }
    Ok(Array::real(dims, values))
}

/// The largest or the mean of each window of `[batch, channel, step]`.
pub(super) fn pool(
    operator: &Operator,
    kind: &str,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let x = input(given, 0)?;
    let ([batch, channels, steps], Some([kernel])) =
        (x.dims.as_slice(), operator.ints("kernel_shape"))
    else {
        return Err(GraphError::Shape { found: x.dims.clone(), wanted: vec![0, 0, 0] });
    };
    let frame = Frame::of(operator, usize::try_from(*kernel).unwrap_or(0), *steps)?;
    let dims = vec![*batch, *channels, frame.out];
    let count = budget.array(&dims)?;
    budget.work(&[count, frame.kernel])?;
    let counts_padding = operator.int("count_include_pad", 0) != 0;
    let values = x.reals();
    let mut pooled = Vec::with_capacity(count);
    for line in values.chunks((*steps).max(1)) {
        for at in 0..frame.out {
            let seen = (0..frame.kernel).filter_map(|tap| frame.step(at, tap));
            let seen: Vec<f64> = seen.filter_map(|step| line.get(step).copied()).collect();
            pooled.push(if kind == "MaxPool" {
                seen.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            } else {
                let of = if counts_padding { frame.kernel } else { seen.len() };
                seen.iter().sum::<f64>() / of as f64
            });
        }
    }
    pooled.resize(count, 0.0);
    Ok(Array::real(dims, pooled))
}

/// Each row of the dimensions from the axis on less its mean, over its deviation.
pub(super) fn layer_norm(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let x = input(given, 0)?;
    let axis = Array::axis(x.rank(), operator.int("axis", -1))?;
    let width: usize = x.dims.iter().skip(axis).product();
    let epsilon = operator.float("epsilon", 1e-5);
    budget.array(&x.dims)?;
    let row = |row: &[f64]| {
        let count = row.len() as f64;
        let mean = row.iter().sum::<f64>() / count;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        row.iter().map(|x| (x - mean) / (variance + epsilon).sqrt()).collect::<Vec<f64>>()
    };
    let normal: Vec<f64> = x.reals().chunks(width.max(1)).flat_map(row).collect();
    let stretched = |at: usize, usual: f64| -> Result<Vec<f64>, GraphError> {
        let Some(array) = given.get(at).copied().flatten() else {
            return Ok(vec![usual; normal.len()]);
        };
        let values = array.reals();
        let places = Walk::new(&x.dims, &array.stretched(&x.dims)?);
        Ok(places.map(|place| values.get(place).copied().unwrap_or(usual)).collect())
    };
    let (gain, bias) = (stretched(1, 1.0)?, stretched(2, 0.0)?);
    let each = normal.iter().zip(gain).zip(bias).map(|((x, gain), bias)| x * gain + bias);
    Ok(Array::real(x.dims.clone(), each.collect()))
}

/// Each channel, the second dimension, scaled by what training has seen of it.
pub(super) fn batch_norm(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    require("training_mode", operator.int("training_mode", 0) == 0)?;
    let x = input(given, 0)?;
    let Some(channels) = x.dims.get(1).copied() else {
        return Err(GraphError::Shape { found: x.dims.clone(), wanted: vec![1, 1] });
    };
    budget.array(&x.dims)?;
    let of = |at: usize| -> Result<Vec<f64>, GraphError> {
        let array = input(given, at)?;
        if array.len() == channels {
            return Ok(array.reals());
        }
        Err(GraphError::Shape { found: array.dims.clone(), wanted: vec![channels] })
    };
    let (scale, bias, mean, variance) = (of(1)?, of(2)?, of(3)?, of(4)?);
    let epsilon = operator.float("epsilon", 1e-5);
    let inner: usize = x.dims.iter().skip(2).product();
    let at = |of: &[f64], channel: usize| of.get(channel).copied().unwrap_or(0.0);
    let each = x.reals().into_iter().enumerate().map(|(place, x)| {
        let channel = place / inner.max(1) % channels.max(1);
        let off = (x - at(&mean, channel)) / (at(&variance, channel) + epsilon).sqrt();
        off * at(&scale, channel) + at(&bias, channel)
    });
    Ok(Array::real(x.dims.clone(), each.collect()))
}
