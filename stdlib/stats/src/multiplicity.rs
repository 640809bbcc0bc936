//! Many tests at once: p-values raised so that they hold for the family.

use crate::StatsError;

/// What a family of tests is guarded against, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Correction {
    /// Nothing: every test for itself.
    None,
    /// A single false rejection; holds whatever the dependence.
    Bonferroni,
    /// A single false rejection, never weaker than Bonferroni. Source: Holm 1979.
    Holm,
    /// The share of false rejections among the rejected; holds for independent and positively
    /// dependent tests. Source: Benjamini & Hochberg 1995.
    BenjaminiHochberg,
    /// The same whatever the dependence. Source: Benjamini & Yekutieli 2001.
    BenjaminiYekutieli,
}

impl Correction {
    /// The p-values, in `0..=1` and in the order given, adjusted: a test is rejected at a level
    /// when its adjusted p is at most the level.
    ///
    /// # Errors
    /// When one of `p` is no probability.
    ///
    /// Agrees with `statsmodels.stats.multitest.multipletests` to 1e-12.
    pub fn adjust(self, p: &[f64]) -> Result<Vec<f64>, StatsError> {
        if let Some(value) = p.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(StatsError::OutOfRange { what: "p-value", value: *value });
        }
        let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        self.raise(&mut order);
        // Back to the order given.
        order.sort_unstable_by_key(|(place, _)| *place);
        Ok(order.into_iter().map(|(_, p)| p.min(1.0)).collect())
    }

    /// Adjusts p-values that come in ascending order.
    fn raise(self, ascending: &mut [(usize, f64)]) {
        let tests = ascending.len() as f64;
        let harmonic = (1..=ascending.len()).map(|rank| 1.0 / rank as f64).sum::<f64>();
        let factor = |rank: f64| match self {
            Self::None => 1.0,
            Self::Bonferroni => tests,
            Self::Holm => tests - rank + 1.0,
            Self::BenjaminiHochberg => tests / rank,
            Self::BenjaminiYekutieli => tests / rank * harmonic,
        };
        for (rank, (_, p)) in ascending.iter_mut().enumerate() {
            *p *= factor(rank as f64 + 1.0);
        }
        // What is rejected with a larger p is rejected with a smaller one, too.
        match self {
            Self::BenjaminiHochberg | Self::BenjaminiYekutieli => {
                let mut least = f64::INFINITY;
                for (_, p) in ascending.iter_mut().rev() {
                    least = least.min(*p);
                    *p = least;
                }
            }
            Self::None | Self::Bonferroni | Self::Holm => {
                let mut most = 0.0_f64;
                for (_, p) in ascending.iter_mut() {
                    most = most.max(*p);
                    *p = most;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
