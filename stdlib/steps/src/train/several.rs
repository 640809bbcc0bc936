//! What a training came to: one network, or several from seeds of their own whose mean answers.

use super::resuming::Watching;
use super::{Lesson, kept};
use crate::failure;
use serde::{Deserialize, Serialize};
use suho_step::StepError;
use suho_train::{Device, Epoch, Fitted, Fitting, Predictor, Stopped};

/// Most networks of one model: each is asked for every answer.
const MEMBERS_MAX: usize = 100;

/// What a training came to.
pub(super) struct Learnt {
    pub(super) predictor: Predictor,
    /// What each epoch of the first network came to.
    pub(super) history: Vec<Epoch>,
    /// The best of these, with the losses and the accuracy of all networks together.
    pub(super) best: Epoch,
    pub(super) stopped: Stopped,
    pub(super) device: suho_train::Identity,
    pub(super) deviation: Option<f32>,
    /// What each network came to; none of a single one.
    pub(super) members: Vec<Member>,
}

/// One of several networks.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Member {
    pub(crate) seed: u64,
    pub(crate) epochs: usize,
    pub(crate) best_epoch: usize,
    pub(crate) train_loss: f64,
    pub(crate) validation_loss: f64,
    pub(crate) validation_accuracy: f64,
}

/// How each of `count` networks is fitted: the first by `fitting`, the others by the same under the seeds
/// that follow.
pub(super) fn fittings(fitting: &Fitting, count: i64) -> Result<Vec<Fitting>, StepError> {
    let members = crate::records::whole("ensemble", count)?;
    if members > MEMBERS_MAX {
        let message = format!("an `ensemble` of {members}, and {MEMBERS_MAX} are the most");
        return Err(StepError::user("bad-setting", message)
            .help("write a smaller `ensemble`: each of its networks is asked for every answer"));
    }
    let of = |member: u64| Fitting { seed: fitting.seed.wrapping_add(member), ..fitting.clone() };
    Ok((0..members as u64).map(of).collect())
}

/// Fits each network, from where an earlier attempt left off.
pub(super) fn fit_all(
    watching: &mut Watching<'_, '_>,
    device: &Device,
    lesson: &Lesson,
    fittings: &[Fitting],
) -> Result<Learnt, StepError> {
    let fitted: Result<Vec<Fitted>, StepError> = fittings
        .iter()
        .enumerate()
        .map(|(member, fitting)| watching.fit(device, lesson, fitting, (member, fittings.len())))
        .collect();
    together(lesson, fittings, fitted?)
}

/// What networks fitted to `lesson` come to together.
pub(super) fn together(
    lesson: &Lesson,
    fittings: &[Fitting],
    fitted: Vec<Fitted>,
) -> Result<Learnt, StepError> {
    let first = fitted.first().ok_or_else(|| StepError::bug("no-network", "nothing was fitted"))?;
    let (history, stopped, device) = (first.history.clone(), first.stopped, first.device.clone());
    let mut best = kept(first)?;
    let deviation = fitted.iter().filter_map(|it| it.deviation).reduce(f32::max);
    let member = |(fitted, fitting): (&Fitted, &Fitting)| -> Result<Member, StepError> {
        let best = kept(fitted)?;
        Ok(Member {
            seed: fitting.seed,
            epochs: fitted.history.len(),
            best_epoch: fitted.best_epoch,
            train_loss: best.train_loss,
            validation_loss: best.validation_loss,
            validation_accuracy: best.validation_accuracy,
        })
    };
    let members: Vec<Member> = fitted.iter().zip(fittings).map(member).collect::<Result<_, _>>()?;
    let networks = fitted.into_iter().map(|fitted| fitted.model).collect();
    let predictor = Predictor::of_several(networks, lesson.scaler.clone())
        .map_err(|error| failure::of(error.fault(), "bad-network", &error))?;
    if members.len() == 1 {
        let members = Vec::new();
        return Ok(Learnt { predictor, history, best, stopped, device, deviation, members });
    }
    (best.train_loss, _) = lesson.assess(&predictor, crate::generated::Part::Train)?;
    (best.validation_loss, best.validation_accuracy) =
        lesson.assess(&predictor, crate::generated::Part::Validation)?;
    Ok(Learnt { predictor, history, best, stopped, device, deviation, members })
}
