//! A training that is watched: what is told of it, what is kept so that a later attempt goes on where
//! this one was broken off, and when it ends.
//!
//! Checkpoints lie in `_tmp/{run}/{step}/` of the artifact store, where every attempt at the step finds
//! them wherever it runs. A model that is sealed leaves none.

use super::{Lesson, refused};
use crate::failure;
use crate::stopwatch::Stopwatch;
use suho_artifacts::{ArtifactPath, Artifacts};
use suho_step::{Context, Progress, StepError};
use suho_train::{
    Architecture, Checkpoint, Device, Epoch, Fitted, Fitting, Flow, TrainError, Watch, fit_on,
};

/// What stands before an epoch's number in a checkpoint's name.
const PREFIX: &str = "checkpoint-";

/// Where the checkpoints of a step are kept.
pub(super) struct Checkpoints<'a> {
    artifacts: &'a Artifacts,
    folder: ArtifactPath,
}

impl<'a> Checkpoints<'a> {
    /// Those of the step that the context's attempt is at.
    pub(super) fn of(context: &Context<'_>, artifacts: &'a Artifacts) -> Result<Self, StepError> {
        let key = context.key();
        let folder = ArtifactPath::new(format!("_tmp/{}/{}", key.run, key.step))
            .map_err(|error| failure::of_path(&error))?;
        Ok(Self { artifacts, folder })
    }

    /// All there are: network, epoch and path, the newest last.
    fn all(&self) -> Result<Vec<(usize, usize, ArtifactPath)>, StepError> {
        let listed =
            self.artifacts.list(&self.folder).map_err(|error| failure::of_artifacts(&error))?;
        let of = |path: &ArtifactPath| -> Option<(usize, usize)> {
            let (_, name) = path.as_str().rsplit_once('/')?;
            let (member, epoch) = name.strip_prefix(PREFIX)?.split_once('-')?;
            Some((member.parse().ok()?, epoch.parse().ok()?))
        };
        let mut all: Vec<(usize, usize, ArtifactPath)> = listed
            .into_iter()
            .filter_map(|file| of(&file.path).map(|(member, epoch)| (member, epoch, file.path)))
            .collect();
        all.sort();
        Ok(all)
    }

    /// The newest of network `member`, if there is one.
    fn newest(&self, member: usize) -> Result<Option<(usize, Vec<u8>)>, StepError> {
        let mut all = self.all()?;
        all.retain(|(of, ..)| *of == member);
        let Some((_, epoch, path)) = all.pop() else { return Ok(None) };
        let bytes = self.artifacts.get(&path).map_err(|error| failure::of_artifacts(&error))?;
        Ok(Some((epoch, bytes)))
    }

    /// Keeps the checkpoint of network `member` after `epoch`, and then none of it before.
    fn keep(&self, member: usize, epoch: usize, bytes: &[u8]) -> Result<(), StepError> {
        let name = ArtifactPath::new(format!("{PREFIX}{member}-{epoch}"))
            .and_then(|name| self.folder.join(&name))
            .map_err(|error| failure::of_path(&error))?;
        let put = self.artifacts.put_once(&name, bytes);
        put.map_err(|error| failure::of_artifacts(&error))?;
        for (of, before, path) in self.all()? {
            if of == member && before != epoch {
                self.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Removes all.
    pub(super) fn clear(&self) -> Result<(), StepError> {
        self.all()?.iter().try_for_each(|(.., path)| self.remove(path))
    }

    fn remove(&self, path: &ArtifactPath) -> Result<(), StepError> {
        self.artifacts.remove(path).map_err(|error| failure::of_artifacts(&error))
    }
}

/// Whoever waits for a training on behalf of an attempt.
pub(super) struct Watching<'a, 'c> {
    context: &'a mut Context<'c>,
    checkpoints: Checkpoints<'a>,
    /// Training samples: those of an epoch.
    samples: usize,
    /// Which network is fitted, from 0, and how many there are.
    member: (usize, usize),
    epoch_began: Stopwatch,
    /// Why a checkpoint could not be kept.
    failed: Option<StepError>,
}

impl<'a, 'c> Watching<'a, 'c> {
    pub(super) fn of(
        context: &'a mut Context<'c>,
        artifacts: &'a Artifacts,
        samples: usize,
    ) -> Result<Self, StepError> {
        let checkpoints = Checkpoints::of(context, artifacts)?;
        let (epoch_began, member) = (Stopwatch::start(), (0, 1));
        Ok(Self { context, checkpoints, samples, member, epoch_began, failed: None })
    }

    /// Fits network `member` of so many to the lesson, from the newest checkpoint on where one is of the
    /// same training.
    pub(super) fn fit(
        &mut self,
        device: &Device,
        lesson: &Lesson,
        fitting: &Fitting,
        member: (usize, usize),
    ) -> Result<Fitted, StepError> {
        self.member = member;
        let architecture = lesson.architecture()?;
        if let Some((epoch, checkpoint)) = self.checkpoints.newest(member.0)? {
            match self.fit_from(device, lesson, architecture, fitting, Some(&checkpoint)) {
                Err(TrainError::Checkpoint(error)) => {
                    let why = suho_domain::fault::chain(&error);
                    self.context.log(&format!("the checkpoint of epoch {epoch} is left: {why}"));
                    self.checkpoints.clear()?;
                }
                ended => {
                    self.context.log(&format!("went on after epoch {epoch}, from its checkpoint"));
                    return self.judged(ended);
                }
            }
        }
        let ended = self.fit_from(device, lesson, architecture, fitting, None);
        self.judged(ended)
    }

    fn fit_from(
        &mut self,
        device: &Device,
        lesson: &Lesson,
        architecture: &Architecture,
        fitting: &Fitting,
        checkpoint: Option<&[u8]>,
    ) -> Result<Fitted, TrainError> {
        let Lesson { train, validation, .. } = lesson;
        let samples = suho_train::Lesson { train, validation };
        fit_on(device, samples, architecture, fitting, checkpoint, self)
    }

    fn judged(&mut self, ended: Result<Fitted, TrainError>) -> Result<Fitted, StepError> {
        ended.map_err(|error| match (self.failed.take(), error) {
            (Some(failure), _) => failure,
            (None, TrainError::Ended { .. }) => StepError::cancelled(),
            (None, error) => refused(&error),
        })
    }
}

impl Watch for Watching<'_, '_> {
    fn is_ended(&mut self) -> bool {
        self.context.is_cancelled()
    }

    fn epoch(&mut self, epoch: &Epoch, checkpoint: &Checkpoint<'_>) -> Flow {
        let (member, members) = self.member;
        let done = (member * epoch.epochs + epoch.epoch) as u64;
        let all = (members * epoch.epochs) as u64;
        let text = match members {
            1 => format!("epoch {} of {}", epoch.epoch, epoch.epochs),
            _ => format!("network {} of {members}, epoch {}", member + 1, epoch.epoch),
        };
        let seconds = self.epoch_began.millis() / 1_000.0;
        self.epoch_began = Stopwatch::start();
        let left = all.saturating_sub(done) as f64;
        let progress = Progress::of(done, all)
            .saying(text)
            .with("train_loss", epoch.train_loss)
            .with("validation_loss", epoch.validation_loss)
            .with("validation_accuracy", epoch.validation_accuracy)
            .with("samples_per_second", self.samples as f64 / seconds)
            .with("seconds_left", seconds * left);
        self.context.progress(&progress);
        let kept = checkpoint
            .to_bytes()
            .map_err(|error| failure::of(error.fault(), "unwritable-checkpoint", &error))
            .and_then(|bytes| self.checkpoints.keep(member, epoch.epoch, &bytes));
        match kept {
            Ok(()) => Flow::Continue,
            Err(error) => {
                self.failed = Some(error);
                Flow::End
            }
        }
    }
}
