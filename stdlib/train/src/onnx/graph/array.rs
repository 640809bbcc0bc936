//! What flows through a graph: numbers with a shape, real or whole, the innermost dimension first in
//! memory.

use super::GraphError;

/// Dimensions of one array at most.
const RANK_MAX: usize = 8;
/// What the dimensions of one array that are not 0 multiply to at most.
const EXTENT_MAX: usize = 1 << 40;

/// Numbers with a shape.
///
/// Invariant: as many numbers as the dimensions multiply to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) dims: Vec<usize>,
    pub(super) values: Values,
}

/// The numbers of an array. Reals are computed in f64 whatever the file says; truths are 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Real(Vec<f64>),
    Whole(Vec<i64>),
}

/// What an answer may still take: a file that asks for more is refused, not served.
#[derive(Debug)]
pub(super) struct Budget {
    /// Numbers that may still be made.
    numbers: usize,
    /// Multiplications that may still be done.
    work: usize,
}

impl Budget {
    /// That of one answer: 64 MB, and about a second or two.
    pub(super) const fn of_answer() -> Self {
        Self { numbers: 8 << 20, work: 2_000_000_000 }
    }

    /// Takes the numbers of an array of shape `dims`; how many these are.
    pub(super) fn array(&mut self, dims: &[usize]) -> Result<usize, GraphError> {
        let count = count(dims);
        let left = count.and_then(|count| self.numbers.checked_sub(count));
        let (Some(count), Some(left)) = (count, left) else { return Err(GraphError::TooLarge) };
        self.numbers = left;
        Ok(count)
    }

    /// Takes multiplications.
    pub(super) fn work(&mut self, factors: &[usize]) -> Result<(), GraphError> {
        let asked = factors.iter().try_fold(1_usize, |asked, factor| asked.checked_mul(*factor));
        self.work =
            asked.and_then(|asked| self.work.checked_sub(asked)).ok_or(GraphError::TooLong)?;
        Ok(())
    }
}

impl Array {
    pub(super) const fn real(dims: Vec<usize>, values: Vec<f64>) -> Self {
        Self { dims, values: Values::Real(values) }
    }

    pub(super) const fn whole(dims: Vec<usize>, values: Vec<i64>) -> Self {
        Self { dims, values: Values::Whole(values) }
    }

    pub(super) const fn rank(&self) -> usize {
        self.dims.len()
    }

    pub(super) const fn len(&self) -> usize {
        match &self.values {
            Values::Real(values) => values.len(),
            Values::Whole(values) => values.len(),
        }
    }

    /// The numbers as reals.
    pub(super) fn reals(&self) -> Vec<f64> {
        match &self.values {
            Values::Real(values) => values.clone(),
            Values::Whole(values) => values.iter().map(|value| *value as f64).collect(),
        }
    }

    /// The numbers, where they are whole.
    pub(super) fn wholes(&self) -> Result<&[i64], GraphError> {
        match &self.values {
            Values::Whole(values) => Ok(values),
            Values::Real(_) => Err(GraphError::Kind { wanted: "whole numbers" }),
        }
    }

    /// The dimension that `axis`, counted from the end where it is below 0, is among `rank`.
    pub(super) fn axis(rank: usize, axis: i64) -> Result<usize, GraphError> {
        let rank_signed = i64::try_from(rank).unwrap_or(i64::MAX);
        let from_start = if axis < 0 { axis.saturating_add(rank_signed) } else { axis };
        usize::try_from(from_start)
            .ok()
            .filter(|axis| *axis < rank)
            .ok_or(GraphError::Axis { axis, rank })
    }

    /// How far apart neighbours of each dimension are in memory.
    pub(super) fn strides(&self) -> Vec<usize> {
        let mut strides = vec![1; self.rank()];
        let mut stride = 1;
        for (of, dim) in strides.iter_mut().zip(&self.dims).rev() {
            *of = stride;
            stride *= dim;
        }
        strides
    }

    /// The array of shape `dims` whose numbers are those of this one at `places`.
    pub(super) fn picked(&self, dims: Vec<usize>, places: impl Iterator<Item = usize>) -> Self {
        let values = match &self.values {
            Values::Real(values) => {
                Values::Real(places.map(|at| values.get(at).copied().unwrap_or(f64::NAN)).collect())
            }
            Values::Whole(values) => {
                Values::Whole(places.map(|at| values.get(at).copied().unwrap_or(0)).collect())
            }
        };
        Self { dims, values }
    }

    /// The same with its dimensions in another order.
    pub(super) fn transposed(
        &self,
        order: &[usize],
        budget: &mut Budget,
    ) -> Result<Self, GraphError> {
        let strides = self.strides();
        let of =
            |from: &[usize]| order.iter().filter_map(|axis| from.get(*axis).copied()).collect();
        let (dims, strides): (Vec<usize>, Vec<usize>) = (of(&self.dims), of(&strides));
        budget.array(&dims)?;
        let places = Walk::new(&dims, &strides);
        Ok(self.picked(dims, places))
    }

    /// The same numbers in another shape.
    pub(super) fn reshaped(self, dims: Vec<usize>) -> Result<Self, GraphError> {
        if count(&dims) != Some(self.len()) {
            return Err(GraphError::Shape { found: self.dims, wanted: dims });
        }
        Ok(Self { dims, values: self.values })
    }

    /// The strides with which it is walked as an array of shape `dims`, by the rules of broadcasting.
    pub(super) fn stretched(&self, dims: &[usize]) -> Result<Vec<usize>, GraphError> {
        let refused = || GraphError::Shape { found: self.dims.clone(), wanted: dims.to_vec() };
        let more = dims.len().checked_sub(self.rank()).ok_or_else(refused)?;
        let mut strides = vec![0; more];
        let own = self.dims.iter().zip(self.strides());
        for ((dim, stride), wanted) in own.zip(dims.iter().skip(more)) {
            match dim {
                dim if dim == wanted => strides.push(stride),
                1 => strides.push(0),
                _ => return Err(refused()),
            }
        }
        Ok(strides)
    }
}

/// How many numbers an array of shape `dims` has; none where it would be too large. Also what is empty has no
/// dimension so large that the product of others could not be told.
fn count(dims: &[usize]) -> Option<usize> {
    let room = dims.iter().try_fold(1_usize, |room, dim| {
        room.checked_mul((*dim).max(1)).filter(|room| *room <= EXTENT_MAX)
    })?;
    let count = if dims.contains(&0) { 0 } else { room };
    (dims.len() <= RANK_MAX).then_some(count)
}

/// The shape that two arrays are stretched to.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, GraphError> {
    let rank = a.len().max(b.len());
    let of = |dims: &[usize], at: usize| {
        at.checked_sub(rank - dims.len()).and_then(|at| dims.get(at).copied()).unwrap_or(1)
    };
    let both = |at: usize| match (of(a, at), of(b, at)) {
        (1, dim) | (dim, 1) => Ok(dim),
        (one, other) if one == other => Ok(one),
        _ => Err(GraphError::Shape { found: a.to_vec(), wanted: b.to_vec() }),
    };
    (0..rank).map(both).collect()
}

/// The places in memory of an array of some shape, walked with some strides, the innermost dimension
/// fastest.
pub(super) struct Walk {
    dims: Vec<usize>,
    strides: Vec<usize>,
    index: Vec<usize>,
    at: usize,
    left: usize,
}

impl Walk {
    pub(super) fn new(dims: &[usize], strides: &[usize]) -> Self {
        Self {
            left: dims.iter().product(),
            dims: dims.to_vec(),
            strides: strides.to_vec(),
            index: vec![0; dims.len()],
            at: 0,
        }
    }
}

impl Iterator for Walk {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let at = self.at;
        let places = self.index.iter_mut().zip(&self.dims).zip(&self.strides).rev();
        for ((index, dim), stride) in places {
            *index += 1;
            self.at += stride;
            if *index < *dim {
                break;
            }
            self.at -= stride * dim;
            *index = 0;
        }
        Some(at)
    }
}
