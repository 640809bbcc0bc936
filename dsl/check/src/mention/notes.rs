//! What the elaborator notes down while it looks at expressions, where somebody asked for it.

use super::meaning::{Key, Meaning, Mention, PortOf};
use super::ports::{self, Keyed};
use super::probe::{Block, Called, Probe, Wanted};
use crate::diagnostic::At;
use crate::elaborate::{Elaborator, Scope};
use crate::program::Expr;
use crate::{FileId, Port, Type};
use std::collections::BTreeSet;
use suho_syntax::ast::{Arg, Path};

/// What is noted down.
#[derive(Debug)]
pub(crate) struct Notes {
    /// The files that were asked about: notes of others are not kept.
    files: BTreeSet<FileId>,
    mentions: Vec<Mention>,
    probe: Option<Probe>,
    /// The file that what is being written is to be a part of.
    home: Option<FileId>,
}

/// Whose ports are set or asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner<'o> {
    /// A choice of an enum.
    Choice(&'o str, &'o str),
    /// The pipeline called so, whose parameters stand at these places.
    Pipeline(&'o str, At),
    /// A record of the library.
    Record(&'o str),
    /// A function of the language.
    Function(&'o str),
}

impl<'o> Owner<'o> {
    /// As people call it.
    pub(crate) const fn name(self) -> &'o str {
        match self {
            Self::Choice(_, name)
            | Self::Pipeline(name, _)
            | Self::Record(name)
            | Self::Function(name) => name,
        }
    }
}

impl Notes {
    /// Notes of every name in `files`.
    pub(super) fn of(files: &[FileId]) -> Self {
        let files = files.iter().copied().collect();
        Self { files, mentions: Vec::new(), probe: None, home: None }
    }

    /// Notes of what could be written at `at`, in a piece that is to be a part of `home`.
    pub(super) fn at(at: At, home: FileId) -> Self {
        let probe = Some(Probe { at, wanted: None, calls: Vec::new() });
        Self { files: BTreeSet::new(), mentions: Vec::new(), probe, home: Some(home) }
    }

    /// Every name noted, in the order of files and texts, each place once.
    pub(super) fn mentions(self) -> Vec<Mention> {
        let mut mentions = self.mentions;
        mentions.sort_by_key(|it| (it.at, !it.is_given(), it.ty == Type::Unknown));
        mentions.dedup_by_key(|mention| mention.at);
        mentions
    }

    /// What was found out at the place asked for.
    pub(super) fn probe(self) -> Option<Probe> {
        self.probe
    }
}

impl Elaborator<'_> {
    /// Notes that a value of type `ty`, given at `given`, is spoken of at `at`.
    pub(crate) fn note(
        &mut self,
        at: At,
        ty: &Type,
        given: Option<At>,
        meaning: impl FnOnce() -> Meaning,
    ) {
        let Some(notes) = &mut self.notes else { return };
        if notes.files.contains(&at.file) {
            notes.mentions.push(Mention { at, meaning: meaning(), ty: ty.clone(), given });
        }
    }

    /// Notes a word that stands for no value: a kind, a verb.
    pub(crate) fn note_word(&mut self, at: At, meaning: impl FnOnce() -> Meaning) {
        self.note(at, &Type::Unknown, None, meaning);
    }

    /// Notes a name where it is given.
    pub(crate) fn note_given(&mut self, at: At, meaning: impl FnOnce() -> Meaning) {
        self.note(at, &Type::Unknown, Some(at), meaning);
    }

    /// Notes the attribute `port` of a block of `kind`, set to `set`.
    pub(crate) fn note_attribute(&mut self, at: At, kind: &str, port: &Port, set: Option<&Expr>) {
        if self.notes.is_none() {
            return;
        }
        // `on rollback` takes what every `on` takes.
        let kind = kind.split(' ').next().unwrap_or(kind);
        let key = ports::key_of(self.library, kind, &port.name);
        let set = set.cloned();
        let port = PortOf { port: port.clone(), of: kind.to_owned(), key, set };
        self.note(at, &port.port.ty.clone(), None, || Meaning::Port(Box::new(port)));
    }

    /// Notes `port`, asked for at `at` of a value of type `of`.
    pub(crate) fn note_field(&mut self, at: At, of: &Type, name: &str, ty: &Type) {
        if self.notes.is_none() {
            return;
        }
        let Some((port, key)) = ports::field_of(self.library, of, name) else { return };
        let of = match of {
            Type::Outputs(kind) => kind.to_string(),
            of => of.to_string(),
        };
        let port = PortOf { port, of, key, set: None };
        self.note(at, ty, None, || Meaning::Port(Box::new(port)));
    }

    /// Notes the name of an argument, or of a field that is set.
    pub(crate) fn note_port(&mut self, at: At, owner: Owner<'_>, port: &Port) {
        if self.notes.is_none() {
            return;
        }
        if let Owner::Pipeline(pipeline, given) = owner {
            let place = self.param_place(pipeline, &port.name, given);
            let meaning = || Meaning::Param(pipeline.to_owned(), port.name.clone());
            return self.note(at, &port.ty, place, meaning);
        }
        let (of, key) = match owner {
            Owner::Choice(of, choice) => {
                let key = Key::Argument(of.to_owned(), choice.to_owned(), port.name.clone());
                (String::new(), Some(key))
            }
            Owner::Record(record) => {
                (record.to_owned(), Some(Key::Field(record.to_owned(), port.name.clone())))
            }
            Owner::Function(_) | Owner::Pipeline(..) => (String::new(), None),
        };
        let of = PortOf { port: port.clone(), of, key, set: None };
        self.note(at, &port.ty, None, || Meaning::Port(Box::new(of)));
    }

    /// Notes the parameter `name` of `pipeline`, set in an environment as `pipeline.name`.
    pub(crate) fn note_setting(&mut self, file: FileId, path: &Path) {
        let [pipeline, name] = path.as_slice() else { return };
        let Some((_, given)) = self.symbols.pipeline(&pipeline.node) else { return };
        let at = At::new(file, pipeline.span);
        let meaning = || Meaning::Pipeline(pipeline.node.clone());
        self.note(at, &Type::Unknown, Some(given), meaning);
        let place = self.param_place(&pipeline.node, &name.node, given);
        let meaning = || Meaning::Param(pipeline.node.clone(), name.node.clone());
        self.note(At::new(file, name.span), &Type::Unknown, place, meaning);
    }

    /// Where the parameter `name` of the pipeline given at `given` stands.
    pub(super) fn param_place(&self, pipeline: &str, name: &str, given: At) -> Option<At> {
        let (instance, at) = self.symbols.pipeline(pipeline).filter(|(_, at)| *at == given)?;
        let param = instance.params.iter().find(|param| param.name.node == name)?;
        Some(At::new(at.file, param.name.span))
    }

    /// The file that `file`, which may be a piece being written, is a part of.
    pub(super) fn home(&self, file: FileId) -> FileId {
        self.notes.as_ref().and_then(|notes| notes.home).unwrap_or(file)
    }

    // ---- what could be written

    /// Whether somebody asks what could be written in `span`.
    pub(crate) fn is_asked(&self, at: At) -> bool {
        let probe = self.notes.as_ref().and_then(|notes| notes.probe.as_ref());
        probe.is_some_and(|probe| {
            let here = probe.at.span.start;
            probe.at.file == at.file && at.span.start <= here && here < at.span.end
        })
    }

    /// Notes what could be written at the place asked about; the last, which is the innermost, counts.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        if let Some(probe) = self.notes.as_mut().and_then(|notes| notes.probe.as_mut()) {
            probe.wanted = Some(wanted);
        }
    }

    /// Notes that a value of type `expected` could be written at `at`, if that was asked.
    pub(crate) fn want_value(&mut self, at: At, expected: &Type, scope: &Scope<'_>) {
        if self.is_asked(at) {
            // What is looked at meanwhile may hold this very place.
            let notes = self.notes.take();
            let names = self.in_sight_of(scope);
            self.notes = notes;
            let expected = expected.clone();
            self.want(Wanted::Value { expected, names, arguments: Vec::new() });
        }
    }

    /// Notes that a field of the record that has `ports` could be written at `at`, if that was asked.
    pub(crate) fn want_port(&mut self, at: At, owner: Owner<'_>, ports: &[Port], has: &[&str]) {
        if self.is_asked(at) {
            let kind = match owner {
                Owner::Record(name) | Owner::Pipeline(name, _) => name.to_owned(),
                Owner::Choice(..) | Owner::Function(_) => String::new(),
            };
            let takes = ports.iter().map(|port| (port.clone(), None)).collect();
            let has = has.iter().map(|name| (*name).to_owned()).collect();
            self.want(Wanted::Statement(Block {
                kind: Some(kind),
                takes,
                has,
                before: String::new(),
                is_value: true,
            }));
        }
    }

    /// Notes the call at `at` around the place asked about.
    pub(crate) fn note_call(&mut self, at: At, owner: Owner<'_>, ports: &[Port], args: &[Arg]) {
        if !self.is_asked(at) {
            return;
        }
        let (name, meaning) = match owner {
            Owner::Choice(of, name) => (name, Meaning::Choice(of.to_owned(), name.to_owned())),
            Owner::Pipeline(name, _) => (name, Meaning::Pipeline(name.to_owned())),
            Owner::Function(name) => (name, Meaning::Function(name.to_owned())),
            Owner::Record(_) => return,
        };
        let takes: Vec<Keyed> = ports.iter().map(|port| (port.clone(), None)).collect();
        let called = Called { name: name.to_owned(), meaning, takes, active: None };
        if let Some(probe) = self.notes.as_mut().and_then(|notes| notes.probe.as_mut()) {
            let here = probe.at.span.start;
            let position = args.iter().take_while(|arg| arg.value.span.end <= here).count();
            let name = args.get(position).and_then(|arg| arg.name.as_ref());
            let named = name.and_then(|name| ports.iter().position(|it| it.name == name.node));
            // A name that is just being typed is that of none.
            let active = named.or_else(|| (position < ports.len()).then_some(position));
            probe.calls.push(Called { active, ..called });
        }
    }

    /// Notes that the argument at `at`, which has no name yet, could get one of `open`.
    pub(crate) fn may_be_named<'p>(&mut self, at: At, open: impl Iterator<Item = &'p Port>) {
        if self.is_asked(at)
            && let Some(probe) = self.notes.as_mut().and_then(|notes| notes.probe.as_mut())
            && let Some(Wanted::Value { arguments, .. }) = &mut probe.wanted
        {
            arguments.extend(open.map(|port| (port.clone(), None)));
        }
    }
}
