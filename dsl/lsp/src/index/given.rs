//! Where things are given: kinds, ports, records, enums and metrics, of the library and of the
//! user's own definitions.

use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use suho_check::FileId;
use suho_syntax::ast::{Definition, Direction, Span, Spanned, StmtKind, VariantDef};

/// A name's place in a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Place {
    /// The file.
    pub(crate) file: FileId,
    /// The name in it.
    pub(crate) span: Span,
}

/// Where a thing is given, and what is said of it there.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its name's place.
    pub(crate) place: Place,
    /// Its documentation.
    pub(crate) doc: Option<String>,
}

/// Who has a port, a choice or a field.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    /// `step train`, `resource model`.
    Kind(String),
    /// `record Target`, `enum Layer`.
    Type(String),
    /// `metric accuracy`.
    Metric(String),
    /// What a step takes.
    Input(String, String),
    /// What a step gives.
    Output(String, String),
    /// A field of a record.
    Field(String, String),
    /// A choice of an enum.
    Choice(String, String),
    /// A field of an enum's choice.
    Argument(String, String, String),
}

impl Key {
    /// Whether it is what every step takes, whatever its kind.
    pub(crate) fn is_of_every_step(&self) -> bool {
        matches!(self, Self::Field(of, _) if of == super::ports::STEP)
    }
}

/// All that definitions give.
#[derive(Debug, Default)]
pub(crate) struct Givens(BTreeMap<Key, Given>);

impl Givens {
    /// What the definitions of `snapshot` give; of two of a name the library's counts, as the
    /// checker has it.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let mut givens = Self::default();
        let library = snapshot.sources().filter(|(_, source)| source.is_library());
        let own = snapshot.sources().filter(|(_, source)| !source.is_library());
        for (file, source) in library.chain(own) {
            for stmt in &source.tree().items {
                if let StmtKind::Definition(definition) = &stmt.kind {
                    givens.definition(file, definition, stmt.doc.as_ref());
                }
            }
        }
        givens
    }

    /// Where `key` is given.
    pub(crate) fn get(&self, key: &Key) -> Option<&Given> {
        self.0.get(key)
    }

    fn definition(&mut self, file: FileId, definition: &Definition, doc: Option<&String>) {
        let name = &definition.name;
        let own = || name.node.clone();
        match &*definition.keyword.node {
            "step" => {
                self.give(Key::Kind(own()), file, name, doc);
                self.ports(file, definition, &|direction, port| match direction {
                    Direction::In => Key::Input(own(), port),
                    Direction::Out => Key::Output(own(), port),
                });
            }
            "resource" => self.give(Key::Kind(own()), file, name, doc),
            "record" => {
                self.give(Key::Type(own()), file, name, doc);
                self.ports(file, definition, &|_, port| Key::Field(own(), port));
            }
            "enum" => {
                self.give(Key::Type(own()), file, name, doc);
                for variant in &definition.variants {
                    self.choice(file, &name.node, variant);
                }
            }
            "metric" => self.give(Key::Metric(own()), file, name, doc),
            _ => {}
        }
    }

    fn ports(
        &mut self,
        file: FileId,
        definition: &Definition,
        key: &dyn Fn(Direction, String) -> Key,
    ) {
        for stmt in definition.body.iter().flat_map(|body| &body.items) {
            if let StmtKind::Port { direction, name, .. } = &stmt.kind {
                self.give(key(*direction, name.node.clone()), file, name, stmt.doc.as_ref());
            }
        }
    }

    fn choice(&mut self, file: FileId, of: &str, variant: &VariantDef) {
        let name = &variant.name;
        let key = Key::Choice(of.to_owned(), name.node.clone());
        self.give(key, file, name, variant.doc.as_ref());
        for param in &variant.params {
            let key = Key::Argument(of.to_owned(), name.node.clone(), param.name.node.clone());
            self.give(key, file, &param.name, None);
        }
    }

    fn give(&mut self, key: Key, file: FileId, name: &Spanned<String>, doc: Option<&String>) {
        let place = Place { file, span: name.span };
        self.0.entry(key).or_insert_with(|| Given { place, doc: doc.cloned() });
    }
}
