//! Adam: how a gradient becomes a step.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

/// Adam's settings. The default is that of its authors: 0.9, 0.999, 10⁻⁸, without decay.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// How long the mean of gradients remembers, in `0..1`.
    pub beta1: f32,
    /// How long the mean of their squares remembers, in `0..1`.
    pub beta2: f32,
    /// Kept under the fraction bar, above 0.
    pub epsilon: f32,
    /// Share of the learning rate by which each weight of a product shrinks a step, 0 or more; biases
    /// and gains do not.
    #[serde(default)]
    pub weight_decay: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

/// What Adam remembers of the gradients so far, a tensor each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    /// Steps taken.
    pub(crate) steps: u32,
    /// Fading means of the gradients.
    pub(crate) mean: Vec<Vec<f32>>,
    /// Fading means of their squares.
    pub(crate) square: Vec<Vec<f32>>,
}

impl Memory {
    /// Of weights that no step has moved yet.
    pub(crate) fn of(weights: &[Vec<f32>]) -> Self {
        let zero = || weights.iter().map(|tensor| vec![0.0; tensor.len()]).collect();
        Self { steps: 0, mean: zero(), square: zero() }
    }

    /// Moves `weights` one step of length `learning_rate` down `gradients`; `decays` says which of the
    /// tensors shrink.
    ///
    /// Source: Kingma & Ba (2015), algorithm 1; the decay beside it is that of Loshchilov & Hutter
    /// (2019). As burn's `Adam` and PyTorch's `AdamW`, to rounding.
    pub(crate) fn step(
        &mut self,
        adam: &Adam,
        learning_rate: f32,
        weights: &mut [Vec<f32>],
        gradients: &[Vec<f32>],
        decays: &[bool],
    ) {
        self.steps = self.steps.saturating_add(1);
        let unbias = |beta: f32| 1.0 - beta.powf(self.steps as f32);
        let (unbias_mean, unbias_square) = (unbias(adam.beta1), unbias(adam.beta2).sqrt());
        let memory = self.mean.iter_mut().zip(&mut self.square);
        let tensors = weights.iter_mut().zip(gradients).zip(decays);
        for (((tensor, gradient), decays), (mean, square)) in tensors.zip(memory) {
            let shrink = if *decays { 1.0 - learning_rate * adam.weight_decay } else { 1.0 };
            let numbers = tensor.iter_mut().zip(gradient);
            for ((weight, gradient), (mean, square)) in
                numbers.zip(mean.iter_mut().zip(square.iter_mut()))
            {
                *mean = adam.beta1 * *mean + (1.0 - adam.beta1) * gradient;
                *square = adam.beta2 * *square + (1.0 - adam.beta2) * gradient * gradient;
                let step = (*mean / unbias_mean) / (square.sqrt() / unbias_square + adam.epsilon);
                *weight = *weight * shrink - learning_rate * step;
            }
        }
    }
}

/// Shortens `gradients`, all tensors taken as one vector, to the length `norm_max`; a shorter one stays.
///
/// Source: Pascanu, Mikolov & Bengio (2013); `torch.nn.utils.clip_grad_norm_`.
pub(crate) fn clip(gradients: &mut [Vec<f32>], norm_max: f64) {
    let squares: f64 = gradients.iter().flatten().map(|x| f64::from(*x).powi(2)).sum();
    let norm = squares.sqrt();
    if norm > norm_max {
        let factor = crate::random::narrow(norm_max / norm);
        gradients.iter_mut().flatten().for_each(|x| *x *= factor);
    }
}
