//! Windows with the answers that a network gave to them: what it is held against ever after.
//!
//! Windows are views over one table of bars, so that a thousand of them are little more than a thousand
//! bars.

#[cfg(test)]
mod tests;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use suho_domain::Fault;

use crate::export::SaveError;
use crate::predict::{PredictError, Predictor, Probabilities};

const BARS: &str = "bars";
const ENDS: &str = "ends";
const PROBABILITIES: &str = "probabilities";

/// Windows and answers.
///
/// In a file: safetensors with `bars` f64 `[bar, feature]`, raw; `ends` i64 `[window]`, the bar that each
/// window ends with, from 0; `probabilities` f32 `[window, class]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Golden {
    features: usize,
    bars: Vec<f64>,
    ends: Vec<usize>,
    classes: usize,
    probabilities: Vec<f32>,
}

/// How far answers are from those of old.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parity {
    /// How many windows were asked about.
    pub windows: usize,
    /// How many of them have another most probable class.
    pub other_class: usize,
    /// The probability that is furthest off; none without windows.
    pub furthest: Option<Deviation>,
}

/// A probability that is not what it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deviation {
    /// The window's place, from 0.
    pub window: usize,
    /// What it is.
    pub found: f32,
    /// What it was.
    pub expected: f32,
}

impl Golden {
    /// What `predictor` answers to the windows of `bars` `[bar, feature]`, raw, that end with `ends`.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn of(
        predictor: &Predictor,
        bars: Vec<f64>,
        ends: Vec<usize>,
    ) -> Result<Self, PredictError> {
        let answers = predictor.predict_many(&bars, &ends)?;
        Ok(Self {
            features: predictor.inputs(),
            bars,
            ends,
            classes: predictor.classes().len(),
            probabilities: answers.iter().flat_map(Probabilities::as_slice).copied().collect(),
        })
    }

    /// Asks `predictor` the same again.
    ///
    /// # Errors
    /// When there is no answer, as for a network of another shape.
    pub fn parity(&self, predictor: &Predictor) -> Result<Parity, PredictError> {
        let answers = predictor.predict_many(&self.bars, &self.ends)?;
        let were = self.probabilities.chunks_exact(self.classes.max(1));
        let mut parity = Parity { windows: answers.len(), other_class: 0, furthest: None };
        let mut largest = f32::NEG_INFINITY;
        for (window, (answer, was)) in answers.iter().zip(were).enumerate() {
            parity.other_class += usize::from(answer.class() != crate::predict::most(was));
            for (found, expected) in answer.as_slice().iter().zip(was) {
                let off = (found - expected).abs();
                if off > largest {
                    largest = off;
                    let (found, expected) = (*found, *expected);
                    parity.furthest = Some(Deviation { window, found, expected });
                }
            }
        }
        Ok(parity)
    }

    /// As the bytes of a file; equal ones are equal bytes.
    ///
    /// # Errors
    /// When the format refuses, which it does not.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SaveError> {
        let bars: Vec<u8> = self.bars.iter().flat_map(|value| value.to_le_bytes()).collect();
        let ends: Vec<u8> = self.ends.iter().flat_map(|end| (*end as u64).to_le_bytes()).collect();
        let answers: Vec<u8> =
            self.probabilities.iter().flat_map(|value| value.to_le_bytes()).collect();
        let of_bars = vec![self.bars.len() / self.features.max(1), self.features];
        let of_answers = vec![self.ends.len(), self.classes];
        let views = [
            (BARS, TensorView::new(Dtype::F64, of_bars, &bars)?),
            (ENDS, TensorView::new(Dtype::I64, vec![self.ends.len()], &ends)?),
            (PROBABILITIES, TensorView::new(Dtype::F32, of_answers, &answers)?),
        ];
        Ok(safetensors::serialize(views, None)?)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GoldenError> {
        let file = SafeTensors::deserialize(bytes)?;
        let tensor = |name: &'static str, dtype: Dtype| {
            let tensor = file.tensor(name).map_err(|_| GoldenError::Tensor { name })?;
            if tensor.dtype() == dtype { Ok(tensor) } else { Err(GoldenError::Tensor { name }) }
        };
        let (bars, ends) = (tensor(BARS, Dtype::F64)?, tensor(ENDS, Dtype::I64)?);
        let answers = tensor(PROBABILITIES, Dtype::F32)?;
        let ([_, features], [windows], [answered, classes]) =
            (bars.shape(), ends.shape(), answers.shape())
        else {
            return Err(GoldenError::Shapes);
        };
        if windows != answered {
            return Err(GoldenError::Shapes);
        }
        let end =
            |bytes: &[u8; 8]| usize::try_from(u64::from_le_bytes(*bytes)).unwrap_or(usize::MAX);
        Ok(Self {
            features: *features,
            bars: bars.data().as_chunks().0.iter().copied().map(f64::from_le_bytes).collect(),
            ends: ends.data().as_chunks().0.iter().map(end).collect(),
            classes: *classes,
            probabilities: answers
                .data()
                .as_chunks()
                .0
                .iter()
                .copied()
                .map(f32::from_le_bytes)
                .collect(),
        })
    }
}

/// Why bytes are no windows with answers. Always `World`: they were stored so.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    /// Cut short, damaged, or something else altogether.
    #[error("not a whole safetensors file")]
    Format(#[from] SafeTensorError),
    /// A tensor is missing, or holds other numbers.
    #[error("tensor `{name}` is missing or of another type")]
    Tensor {
        /// Its name.
        name: &'static str,
    },
    /// The tensors do not belong together.
    #[error("the windows and their answers do not belong together")]
    Shapes,
}

impl GoldenError {
    /// Who has to act.
    pub fn fault(&self) -> Fault {
        Fault::World
    }
}
