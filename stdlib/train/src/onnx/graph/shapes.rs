//! Operators that move numbers about, and those that take several dimensions together.

use super::array::{Array, Budget, Values, Walk, broadcast};
use super::operators::{Given, Operator, input, require, towards_zero};
use super::{GraphError, read};

/// What an operator of `kind` makes of `given`.
pub(super) fn run(
    operator: &Operator,
    kind: &str,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    match kind {
        "Shape" => shape(operator, given),
        "Range" => range(given, budget),
        "ConstantOfShape" => constant_of_shape(operator, given, budget),
        "Concat" => concat(operator, given, budget),
        "Expand" => expand(given, budget),
        "Gather" => gather(operator, given, budget),
        "Slice" => slice(operator, given, budget),
        "Pad" => pad(operator, given, budget),
        "ReduceMax" | "ReduceMean" | "ReduceMin" | "ReduceSum" => {
            reduce(operator, kind, given, budget)
        }
        "GlobalAveragePool" | "GlobalMaxPool" => {
            let x = input(given, 0)?;
            let kind = if kind == "GlobalMaxPool" { "ReduceMax" } else { "ReduceMean" };
            reduced(x, &(2..x.rank()).collect::<Vec<_>>(), true, kind, budget)
        }
        "Transpose" => transpose(operator, input(given, 0)?, budget),
        _ => {
            let x = input(given, 0)?;
            budget.array(&x.dims)?;
            let dims = match kind {
                "Reshape" => reshape(operator, x, input(given, 1)?)?,
                "Flatten" => flatten(operator, x)?,
                "Squeeze" => squeeze(operator, given, x)?,
                "Unsqueeze" => unsqueeze(operator, given, x)?,
                // `Identity`, and `Dropout`, which drops nothing here.
                _ => x.dims.clone(),
            };
            x.clone().reshaped(dims)
        }
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Axes, given as an input, or as an attribute in older files; none where neither is there.
fn axes(
    operator: &Operator,
    given: &Given<'_>,
    rank: usize,
) -> Result<Option<Vec<usize>>, GraphError> {
    let listed = match (given.get(1).copied().flatten(), operator.ints("axes")) {
        (Some(axes), _) => axes.wholes()?.to_vec(),
        (None, Some(axes)) => axes.to_vec(),
        (None, None) => return Ok(None),
    };
    let mut axes: Vec<usize> =
        listed.iter().map(|axis| Array::axis(rank, *axis)).collect::<Result<_, _>>()?;
    axes.sort_unstable();
    axes.dedup();
    Ok(Some(axes))
}

fn shape(operator: &Operator, given: &Given<'_>) -> Result<Array, GraphError> {
    let x = input(given, 0)?;
    let ends = (operator.attribute("start"), operator.attribute("end"));
    require("start", matches!(ends, (None, None)))?;
    Ok(Array::whole(vec![x.rank()], x.dims.iter().copied().map(whole).collect()))
}

fn range(given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    let of = |at: usize| -> Result<f64, GraphError> {
        input(given, at)?.reals().first().copied().ok_or(GraphError::Missing { at })
    };
    let (first, limit, step) = (of(0)?, of(1)?, of(2)?);
    let count = ((limit - first) / step).ceil().max(0.0);
    let count = usize::try_from(towards_zero(count)).unwrap_or(usize::MAX);
    budget.array(&[count])?;
    let values = (0..count).map(|at| first + step * at as f64);
    Ok(match input(given, 0)?.values {
        Values::Real(_) => Array::real(vec![count], values.collect()),
        Values::Whole(_) => Array::whole(vec![count], values.map(towards_zero).collect()),
    })
}

/// Dimensions that an array of whole numbers lists.
fn listed(dims: &Array) -> Result<Vec<usize>, GraphError> {
    let dims = dims.wholes()?.iter().map(|dim| usize::try_from(*dim));
    dims.collect::<Result<_, _>>().map_err(|_| GraphError::Kind { wanted: "dimensions" })
}

fn constant_of_shape(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let dims = listed(input(given, 0)?)?;
    let count = budget.array(&dims)?;
    let value = operator.attribute("value").and_then(|it| it.t.as_ref()).map(read).transpose()?;
    let one = value.unwrap_or_else(|| Array::real(vec![1], vec![0.0]));
    Ok(one.picked(dims, std::iter::repeat_n(0, count)))
}

fn concat(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let first = input(given, 0)?;
    let axis = Array::axis(first.rank(), operator.int("axis", 0))?;
    let mut dims = first.dims.clone();
    let mut all = Vec::with_capacity(given.len());
    let mut long = 0_usize;
    for at in 0..given.len() {
        let next = input(given, at)?;
        let is_alike = next.rank() == dims.len()
            && next.dims.iter().zip(&dims).enumerate().all(|(at, (a, b))| at == axis || a == b);
        if !is_alike {
            return Err(GraphError::Shape { found: next.dims.clone(), wanted: dims });
        }
        long = long.saturating_add(next.dims.get(axis).copied().unwrap_or(0));
        all.push(next);
    }
    if let Some(dim) = dims.get_mut(axis) {
        *dim = long;
    }
    let count = budget.array(&dims)?;
    let outer: usize = dims.iter().take(axis).product();
    let lines = |array: &Array| array.dims.iter().skip(axis).product::<usize>();
    let is_whole = all.iter().all(|array| matches!(array.values, Values::Whole(_)));
    let parts: Vec<(Vec<f64>, usize)> =
        all.iter().map(|array| (array.reals(), lines(array))).collect();
    let mut values = Vec::with_capacity(count);
    for row in 0..outer {
        for (of, line) in &parts {
            values.extend_from_slice(of.get(row * line..(row + 1) * line).unwrap_or_default());
        }
    }
    Ok(if is_whole {
        Array::whole(dims, values.into_iter().map(towards_zero).collect())
    } else {
        Array::real(dims, values)
    })
}

fn expand(given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    let x = input(given, 0)?;
    let dims = broadcast(&x.dims, &listed(input(given, 1)?)?)?;
    budget.array(&dims)?;
    let places = Walk::new(&dims, &x.stretched(&dims)?);
    Ok(x.picked(dims, places))
}

fn gather(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let (x, indices) = (input(given, 0)?, input(given, 1)?);
    let axis = Array::axis(x.rank(), operator.int("axis", 0))?;
    let dim = x.dims.get(axis).copied().unwrap_or(0);
    let at: Vec<usize> =
        indices.wholes()?.iter().map(|at| Array::axis(dim, *at)).collect::<Result<_, _>>()?;
    let (before, after) = x.dims.split_at_checked(axis).unwrap_or_default();
    let after = after.get(1..).unwrap_or_default();
    let dims: Vec<usize> = before.iter().chain(&indices.dims).chain(after).copied().collect();
    budget.array(&dims)?;
    let (outer, inner): (usize, usize) = (before.iter().product(), after.iter().product());
    let at = at.as_slice();
    let places = (0..outer).flat_map(|row| {
        at.iter().flat_map(move |at| (0..inner).map(move |place| (row * dim + at) * inner + place))
    });
    Ok(x.picked(dims, places))
}

fn slice(operator: &Operator, given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    require("starts", operator.attribute("starts").is_none())?;
    let x = input(given, 0)?;
    let (starts, ends) = (input(given, 1)?.wholes()?, input(given, 2)?.wholes()?);
    let listed = |at: usize| given.get(at).copied().flatten().map(Array::wholes).transpose();
    let axes = match listed(3)? {
        Some(axes) => axes.to_vec(),
        None => (0..whole(starts.len())).collect(),
    };
    let steps = listed(4)?.map_or_else(|| vec![1; starts.len()], <[i64]>::to_vec);
    let mut taken: Vec<Vec<usize>> = x.dims.iter().map(|dim| (0..*dim).collect()).collect();
    for (((start, end), axis), step) in starts.iter().zip(ends).zip(axes).zip(steps) {
        let axis = Array::axis(x.rank(), axis)?;
        let dim = whole(x.dims.get(axis).copied().unwrap_or(0));
        let from_start = |at: i64| if at < 0 { at.saturating_add(dim) } else { at };
        let (first, last) = match step {
            0 => return Err(GraphError::Attribute { attribute: "steps".to_owned() }),
            1.. => (from_start(*start).clamp(0, dim), from_start(*end).clamp(0, dim)),
            _ => (from_start(*start).clamp(-1, dim - 1), from_start(*end).clamp(-1, dim - 1)),
        };
        let mut at = first;
        let mut places = Vec::new();
        while (step > 0 && at < last) || (step < 0 && at > last) {
            places.extend(usize::try_from(at));
            at = at.saturating_add(step);
        }
        if let Some(of) = taken.get_mut(axis) {
            *of = places;
        }
    }
    let dims: Vec<usize> = taken.iter().map(Vec::len).collect();
    budget.array(&dims)?;
    let mut places = vec![0];
    for (of, stride) in taken.iter().zip(x.strides()) {
        places =
            places.iter().flat_map(|base| of.iter().map(move |at| base + at * stride)).collect();
    }
    Ok(x.picked(dims, places.into_iter()))
}

pub(super) fn split(
    operator: &Operator,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Vec<Array>, GraphError> {
    let x = input(given, 0)?;
    let axis = Array::axis(x.rank(), operator.int("axis", 0))?;
    let dim = x.dims.get(axis).copied().unwrap_or(0);
    let parts = match (given.get(1).copied().flatten(), operator.ints("split")) {
        (Some(parts), _) => listed(parts)?,
        (None, Some(parts)) => listed(&Array::whole(vec![parts.len()], parts.to_vec()))?,
        (None, None) => {
            let size = dim.div_ceil(operator.outputs.len().max(1));
            let left = |at: usize| dim.saturating_sub(at * size).min(size);
            (0..operator.outputs.len()).map(left).collect()
        }
    };
    if parts.iter().try_fold(0_usize, |sum, part| sum.checked_add(*part)) != Some(dim) {
        return Err(GraphError::Shape { found: parts, wanted: vec![dim] });
    }
    let strides = x.strides();
    let stride = strides.get(axis).copied().unwrap_or(1);
    let mut before = 0;
    let mut arrays = Vec::with_capacity(parts.len());
    for part in parts {
        let mut dims = x.dims.clone();
        if let Some(of) = dims.get_mut(axis) {
            *of = part;
        }
        budget.array(&dims)?;
        let places = Walk::new(&dims, &strides).map(|place| place + before * stride);
        arrays.push(x.picked(dims, places));
        before += part;
    }
    Ok(arrays)
}

/// Zeros, or another constant, before and after.
fn pad(operator: &Operator, given: &Given<'_>, budget: &mut Budget) -> Result<Array, GraphError> {
    let mode = operator.text("mode");
    require("mode", matches!(mode.as_deref(), None | Some("constant")))?;
    let (x, pads) = (input(given, 0)?, input(given, 1)?.wholes()?);
    let fill = match given.get(2).copied().flatten() {
        Some(fill) => fill.reals().first().copied().unwrap_or(0.0),
        None => 0.0,
    };
    require("axes", given.get(3).copied().flatten().is_none())?;
    let (before, after) = pads.split_at_checked(x.rank()).unwrap_or_default();
    let (mut dims, mut from) = (Vec::new(), Vec::new());
    for ((dim, before), after) in x.dims.iter().zip(before).zip(after) {
        let of = |pad: &i64| {
            usize::try_from(*pad)
                .map_err(|_| GraphError::Attribute { attribute: "pads".to_owned() })
        };
        let (before, after) = (of(before)?, of(after)?);
        dims.push(dim.saturating_add(before).saturating_add(after));
        from.push(before);
    }
    if dims.len() != x.rank() {
        return Err(GraphError::Shape { found: vec![pads.len()], wanted: vec![2 * x.rank()] });
    }
    let count = budget.array(&dims)?;
    let mut values = vec![fill; count];
    let wide = Array::real(dims.clone(), values.clone());
    let strides = wide.strides();
    let first: usize = from.iter().zip(&strides).map(|(from, stride)| from * stride).sum();
    for (place, value) in Walk::new(&x.dims, &strides).zip(x.reals()) {
        if let Some(of) = values.get_mut(place + first) {
            *of = value;
        }
    }
    Ok(Array::real(dims, values))
}

fn reduce(
    operator: &Operator,
    kind: &str,
    given: &Given<'_>,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let x = input(given, 0)?;
    let axes = match axes(operator, given, x.rank())? {
        Some(axes) if !axes.is_empty() => axes,
        _ if operator.int("noop_with_empty_axes", 0) != 0 => return Ok(x.clone()),
        _ => (0..x.rank()).collect(),
    };
    reduced(x, &axes, operator.int("keepdims", 1) != 0, kind, budget)
}

/// `axes` taken together, one after the other in order.
fn reduced(
    x: &Array,
    axes: &[usize],
    keeps: bool,
    kind: &str,
    budget: &mut Budget,
) -> Result<Array, GraphError> {
    let left: Vec<usize> = (0..x.rank()).filter(|axis| !axes.contains(axis)).collect();
    let order: Vec<usize> = left.iter().chain(axes).copied().collect();
    let sorted = x.transposed(&order, budget)?;
    let of = |axes: &[usize]| axes.iter().filter_map(|at| x.dims.get(*at).copied()).collect();
    let (kept, taken): (Vec<usize>, Vec<usize>) = (of(&left), of(axes));
    let width: usize = taken.iter().product();
    let together = |row: &[f64]| match kind {
        "ReduceMax" => row.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "ReduceMin" => row.iter().copied().fold(f64::INFINITY, f64::min),
        "ReduceMean" => row.iter().sum::<f64>() / row.len() as f64,
        _ => row.iter().sum(),
    };
    let mut values: Vec<f64> = sorted.reals().chunks(width.max(1)).map(together).collect();
    values.resize(kept.iter().product(), 0.0);
    let dims = if keeps {
        let dims = x.dims.iter().enumerate();
        dims.map(|(axis, dim)| if axes.contains(&axis) { 1 } else { *dim }).collect()
    } else {
        kept
    };
    Array::real(vec![values.len()], values).reshaped(dims)
}

fn transpose(operator: &Operator, x: &Array, budget: &mut Budget) -> Result<Array, GraphError> {
    let order: Vec<usize> = match operator.ints("perm") {
        None => (0..x.rank()).rev().collect(),
        Some(order) => {
            order.iter().map(|axis| Array::axis(x.rank(), *axis)).collect::<Result<_, _>>()?
        }
    };
    let mut each = order.clone();
    each.sort_unstable();
    require("perm", each.into_iter().eq(0..x.rank()))?;
    x.transposed(&order, budget)
}

fn reshape(operator: &Operator, x: &Array, asked: &Array) -> Result<Vec<usize>, GraphError> {
    let asked = asked.wholes()?;
    let keeps_zero = operator.int("allowzero", 0) != 0;
    let known = |(at, dim): (usize, &i64)| match dim {
        0 if !keeps_zero => x.dims.get(at).copied(),
        -1 => Some(1),
        dim => usize::try_from(*dim).ok(),
    };
    let dims: Option<Vec<usize>> = asked.iter().enumerate().map(known).collect();
    let wrong = || GraphError::Shape { found: x.dims.clone(), wanted: vec![] };
    let mut dims = dims.ok_or_else(wrong)?;
    let mut open = asked.iter().enumerate().filter(|(_, dim)| **dim == -1).map(|(at, _)| at);
    if let Some(at) = open.next() {
        let others = dims.iter().try_fold(1_usize, |all, dim| all.checked_mul(*dim));
        let rest =
            others.filter(|others| *others > 0).and_then(|others| x.len().checked_div(others));
        if let (Some(of), Some(rest)) = (dims.get_mut(at), rest) {
            *of = rest;
        }
    }
    require("shape", open.next().is_none())?;
    Ok(dims)
}

fn flatten(operator: &Operator, x: &Array) -> Result<Vec<usize>, GraphError> {
    let axis = match operator.int("axis", 1) {
        axis if axis == whole(x.rank()) => x.rank(),
        axis => Array::axis(x.rank(), axis)?,
    };
    Ok(vec![x.dims.iter().take(axis).product(), x.dims.iter().skip(axis).product()])
}

fn squeeze(operator: &Operator, given: &Given<'_>, x: &Array) -> Result<Vec<usize>, GraphError> {
    let axes = axes(operator, given, x.rank())?;
    let goes = |(axis, dim): (usize, &usize)| match &axes {
        Some(axes) => axes.contains(&axis),
        None => *dim == 1,
    };
    let dims = x.dims.iter().enumerate();
    Ok(dims.filter(|(axis, dim)| !goes((*axis, dim))).map(|(_, dim)| *dim).collect())
}

fn unsqueeze(operator: &Operator, given: &Given<'_>, x: &Array) -> Result<Vec<usize>, GraphError> {
    let more = match (given.get(1).copied().flatten(), operator.ints("axes")) {
        (Some(axes), _) => axes.len(),
        (None, Some(axes)) => axes.len(),
        (None, None) => return Err(GraphError::Missing { at: 1 }),
    };
    let rank = x.rank().saturating_add(more);
    let axes = axes(operator, given, rank)?.unwrap_or_default();
    let mut own = x.dims.iter().copied();
    let dims = (0..x.rank() + axes.len())
        .map(|axis| if axes.contains(&axis) { 1 } else { own.next().unwrap_or(1) });
    Ok(dims.collect())
}
