//! Training the trials of a sweep, several at the same time.
//!
//! What a trial comes to follows from the seed and its settings alone, so that neither the order in
//! which trials end nor how many are trained together changes anything.

use super::kept::{Came, Kept};
use super::space::Tries;
use crate::failure;
use crate::generated::SweepIn;
use crate::train::{Lesson, Regime, architecture, refused};
use crate::tuning::{Declared, Setting};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;
use suho_step::{Context, Progress, StepError};
use suho_train::{
    Architecture, Checkpoint, Device, Epoch, Fitting, Flow, TrainError, Watch, fit_on, row_losses,
};

/// What a trial came to, and its network where it is kept.
type Ended = (Came, Option<Vec<u8>>);

/// How often whoever waits is asked whether to end.
const ASK: Duration = Duration::from_millis(100);

/// What every trial is trained with.
pub(super) struct Course<'a> {
    pub(super) inputs: &'a SweepIn,
    pub(super) lesson: &'a Lesson,
    pub(super) device: &'a Device,
    pub(super) tries: &'a Tries,
    /// Trials trained at the same time.
    pub(super) at_once: usize,
}

/// What is told of a trial: its number, and that it was trained for an epoch, or where it ended.
enum Told {
    Epoch(usize),
    Ended(usize, Result<(Came, Option<Vec<u8>>), StepError>),
}

/// A network to fit, and how.
struct Plan {
    architecture: Architecture,
    fitting: Fitting,
}

impl Course<'_> {
    /// Trains each of `numbers`, trials counted from 0, up to the end of rung `rung`; those that are kept
    /// are not trained again.
    pub(super) fn climb(
        &self,
        context: &mut Context<'_>,
        kept: &Kept<'_>,
        rung: usize,
        numbers: &[usize],
        done: &mut usize,
    ) -> Result<BTreeMap<usize, Came>, StepError> {
        let mut came = BTreeMap::new();
        let (mut jobs, mut done_before) = (Vec::new(), 0_usize);
        for number in numbers {
            let before = match rung.checked_sub(1) {
                Some(before) => kept.found(*number, before)?,
                None => None,
            };
            match (kept.found(*number, rung)?, before) {
                (Some(found), _) => {
                    done_before += 1;
                    came.insert(*number, found);
                }
                (None, Some(before)) if before.is_over => drop(came.insert(*number, before)),
                (None, before) => {
                    let checkpoint = match rung.checked_sub(1) {
                        Some(before) => kept.checkpoint(*number, before)?,
                        None => None,
                    };
                    let plan = self.plan(*number)?;
                    // Without its checkpoint it begins anew, and comes to the same.
                    let before = checkpoint.as_ref().and(before).unwrap_or_default();
                    jobs.push(Job { number: *number, plan, before, checkpoint });
                }
            }
        }
        if done_before > 0 {
            context.log(&format!("{done_before} trials are done already: they are not repeated"));
        }
        *done += came.values().map(|came| came.epochs).sum::<usize>();
        let mut hear = |number: usize, ended: Ended| {
            kept.keep(number, rung, &ended.0, ended.1.as_deref())?;
            came.insert(number, ended.0);
            Ok(())
        };
        self.together(context, rung, &jobs, done, &mut hear)?;
        Ok(came)
    }

    /// Trains `jobs`, as many at the same time as may be.
    fn together(
        &self,
        context: &mut Context<'_>,
        rung: usize,
        jobs: &[Job],
        done: &mut usize,
        hear: &mut dyn FnMut(usize, Ended) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        let (ended, next) = (AtomicBool::new(false), AtomicUsize::new(0));
        let until = self.tries.rungs.get(rung).map_or(0, |rung| rung.epochs);
        let mut first_failure = None;
        thread::scope(|scope| {
            let (tell, told) = channel();
            for _ in 0..self.at_once.min(jobs.len()) {
                let (tell, ended, next) = (tell.clone(), &ended, &next);
                scope.spawn(move || {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if ended.load(Ordering::Relaxed) {
                            return;
                        }
                        let result = self.one(job, until, ended, &tell);
                        // Nobody hears it once the sweep has ended.
                        drop(tell.send(Told::Ended(job.number, result)));
                    }
                });
            }
            drop(tell);
            loop {
                let failure = match told.recv_timeout(ASK) {
                    Ok(Told::Epoch(number)) => {
                        *done += 1;
                        self.say(context, number, *done);
                        None
                    }
                    Ok(Told::Ended(number, Ok(came))) => hear(number, came).err(),
                    Ok(Told::Ended(_, Err(failure))) => Some(failure),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => break,
                };
                if let Some(failure) = failure {
                    ended.store(true, Ordering::Relaxed);
                    first_failure.get_or_insert(failure);
                }
                if context.is_cancelled() {
                    ended.store(true, Ordering::Relaxed);
                    first_failure.get_or_insert_with(StepError::cancelled);
                }
            }
        });
        first_failure.map_or(Ok(()), Err)
    }

    fn say(&self, context: &mut Context<'_>, number: usize, done: usize) {
        let (trials, all) = (self.tries.trials.len(), self.tries.epochs());
        let setting = self.tries.trials.get(number).map(Setting::text).unwrap_or_default();
        let text = format!("trial {} of {trials}: {setting}", number + 1);
        context.progress(&Progress::of(done as u64, all as u64).saying(text));
    }

    fn plan(&self, number: usize) -> Result<Plan, StepError> {
        let setting = self.tries.trials.get(number).cloned().unwrap_or_default();
        let set = setting.of(&declared(self.inputs))?;
        let regime = Regime {
            model: &set.model,
            batch_size: set.batch_size,
            epochs: self.inputs.epochs,
            early_stopping: self.inputs.early_stopping.as_ref(),
            class_weights: &self.inputs.class_weights,
            label_smoothing: set.label_smoothing,
            seed: self.inputs.seed,
        };
        let named = |error: StepError| of_trial(&error, number, &setting);
        Ok(Plan {
            architecture: architecture(&set.model).map_err(named)?,
            fitting: regime.fitting().map_err(named)?,
        })
    }

    /// Trains one trial up to epoch `until`, or less far where it ends before.
    fn one(
        &self,
        job: &Job,
        until: usize,
        ended: &AtomicBool,
        tell: &Sender<Told>,
    ) -> Result<(Came, Option<Vec<u8>>), StepError> {
        let Plan { architecture, fitting } = &job.plan;
        let mut watch = Watching { job, until, ended, tell, came: job.before.clone(), stood: None };
        let Lesson { train, validation, .. } = self.lesson;
        let lesson = suho_train::Lesson { train, validation };
        let checkpoint = job.checkpoint.as_deref();
        let fitted = fit_on(self.device, lesson, architecture, fitting, checkpoint, &mut watch);
        let Watching { came, stood, .. } = watch;
        match (fitted, stood) {
            (Ok(fitted), _) => {
                let losses = row_losses(&fitted.model, validation);
                Ok((Came { is_over: true, losses, ..came }, None))
            }
            (Err(TrainError::Ended { .. }), Some(stood)) => {
                let checkpoint = stood
                    .map_err(|error| failure::of(error.fault(), "unwritable-checkpoint", &error))?;
                Ok((came, Some(checkpoint)))
            }
            (Err(TrainError::Ended { .. }), None) => Err(StepError::cancelled()),
            (Err(TrainError::Diverged { .. }), _) => {
                Ok((Came { is_over: true, validation_loss: None, ..came }, None))
            }
            (Err(error), _) => {
                let setting = self.tries.trials.get(job.number).cloned().unwrap_or_default();
                Err(of_trial(&refused(&error), job.number, &setting))
            }
        }
    }
}

/// What a sweep says of a training, before any knob is turned.
pub(super) fn declared(inputs: &SweepIn) -> Declared {
    Declared {
        model: inputs.model.clone(),
        batch_size: inputs.batch_size,
        label_smoothing: inputs.label_smoothing,
    }
}

/// A failure that names the trial it is of.
pub(super) fn of_trial(error: &StepError, number: usize, setting: &Setting) -> StepError {
    let message = format!("trial {} ({}): {error}", number + 1, setting.text());
    let failure = StepError::new(error.class, &error.code, message);
    match &error.help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// A trial to be trained.
struct Job {
    number: usize,
    plan: Plan,
    /// What it came to at the rung before.
    before: Came,
    checkpoint: Option<Vec<u8>>,
}

/// Whoever waits for one trial.
struct Watching<'a> {
    job: &'a Job,
    until: usize,
    ended: &'a AtomicBool,
    tell: &'a Sender<Told>,
    came: Came,
    /// Where it stood at the end of the rung.
    stood: Option<Result<Vec<u8>, suho_train::SaveError>>,
}

impl Watch for Watching<'_> {
    fn is_ended(&mut self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn epoch(&mut self, epoch: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow {
        self.came.epochs = epoch.epoch;
        if epoch.best_so_far {
            self.came.best_epoch = epoch.epoch;
            self.came.validation_loss = Some(epoch.validation_loss);
            self.came.validation_accuracy = epoch.validation_accuracy;
        }
        drop(self.tell.send(Told::Epoch(self.job.number)));
        if epoch.epoch < self.until || epoch.epoch >= epoch.epochs {
            return Flow::Continue;
        }
        self.stood = Some(checkpoint.to_bytes());
        Flow::End
    }
}
