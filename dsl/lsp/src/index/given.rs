//! Where things are given: kinds, ports, records, enums and metrics, of the library and of the
//! user's own definitions.

use crate::snapshot::Snapshot;
use std::collections::BTreeMap;
use suho_check::{At, FileId, Key};
use suho_syntax::ast::{Definition, Direction, Spanned, StmtKind, VariantDef};

/// Where a thing is given, and what is said of it there.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its name's place.
    pub(crate) place: At,
    /// Its documentation.
    pub(crate) doc: Option<String>,
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
        for (file, _) in library.chain(own) {
            let Some(tree) = snapshot.reading().tree(file) else { continue };
            for stmt in &tree.items {
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
        let place = At { file, span: name.span };
        self.0.entry(key).or_insert_with(|| Given { place, doc: doc.cloned() });
    }
}
