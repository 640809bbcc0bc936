//! Definitions: the names they give, and what their defaults and conditions speak of.

use super::meaning::{Key, Meaning, PortOf};
use super::ports::port;
use crate::diagnostic::At;
use crate::elaborate::{Elaborator, Scope};
use crate::ty::resolve::resolve;
use crate::{FileId, Port, Type};
use suho_domain::Name;
use suho_syntax::ast::{
    self, Definition, Direction, Expr, ExprKind, Spanned, Stmt, StmtKind, VariantDef,
};

impl Elaborator<'_> {
    /// Notes what `definition` gives and speaks of.
    pub(super) fn definition(&mut self, file: FileId, definition: &Definition) {
        let name = &definition.name;
        let own = || name.node.clone();
        self.note_given(At::new(file, name.span), || match &*definition.keyword.node {
            "step" | "resource" => Meaning::Kind(own()),
            "metric" => Meaning::Metric(own()),
            _ => Meaning::Type(own()),
        });
        self.written_type(file, definition.ty.as_ref());
        if let Some(value) = &definition.value {
            let ty = definition.ty.as_ref().map_or(Type::Unknown, |ty| self.resolved(file, ty));
            self.direction(file, value, &ty);
        }
        for variant in &definition.variants {
            self.variant_given(file, &name.node, variant);
        }
        let items = || definition.body.iter().flat_map(|body| &body.items);
        let mut scope = Scope::of_file(file);
        for stmt in items() {
            if let StmtKind::Port { direction: Direction::In, name, ty, .. } = &stmt.kind
                && let Ok(bound) = Name::new(&*name.node)
            {
                let ty = self.resolved(file, ty);
                scope.bound.push((bound, ty, Some(At::new(file, name.span))));
            }
        }
        for stmt in items() {
            self.of_definition(file, stmt, definition, &scope);
        }
    }

    /// `higher_is_better(0% .. 100%)`.
    fn direction(&mut self, file: FileId, value: &Expr, ty: &Type) {
        let (word, args) = match &value.kind {
            ExprKind::Call(callee, args) => (&**callee, args.as_slice()),
            _ => (value, [].as_slice()),
        };
        if let ExprKind::Name(name) = &word.kind {
            self.note_word(At::new(file, word.span), || Meaning::Function(name.clone()));
        }
        let range = Type::Range(Box::new(ty.clone()));
        for arg in args {
            self.check(&arg.value, &range, &Scope::of_file(file));
        }
    }

    fn variant_given(&mut self, file: FileId, of: &str, variant: &VariantDef) {
        let choice = &variant.name;
        let meaning = || Meaning::Choice(of.to_owned(), choice.node.clone());
        self.note_given(At::new(file, choice.span), meaning);
        for param in &variant.params {
            self.written_type(file, Some(&param.ty));
            let ty = self.resolved(file, &param.ty);
            if let Some(default) = &param.default {
                self.check(default, &ty, &Scope::of_file(file));
            }
            let name = &param.name;
            let key = Key::Argument(of.to_owned(), choice.node.clone(), name.node.clone());
            self.port_given(file, name, port(&name.node, ty), String::new(), key);
        }
    }

    fn of_definition(
        &mut self,
        file: FileId,
        stmt: &Stmt,
        definition: &Definition,
        scope: &Scope<'_>,
    ) {
        let own = &definition.name.node;
        match &stmt.kind {
            StmtKind::Port { direction, name, ty, default } => {
                self.written_type(file, Some(ty));
                let ty = self.resolved(file, ty);
                if let Some(default) = default {
                    self.check(default, &ty, &Scope::of_file(file));
                }
                let key = match (&*definition.keyword.node, direction) {
                    ("step", Direction::In) => Key::Input(own.clone(), name.node.clone()),
                    ("step", Direction::Out) => Key::Output(own.clone(), name.node.clone()),
                    _ => Key::Field(own.clone(), name.node.clone()),
                };
                let port = Port { doc: stmt.doc.clone(), ..port(&name.node, ty) };
                self.port_given(file, name, port, own.clone(), key);
            }
            StmtKind::Rule(rule) => {
                let at = At::new(file, rule.verb.span);
                self.note_word(at, || Meaning::Verb(rule.verb.node.clone()));
                self.check(&rule.condition, &Type::Bool, scope);
            }
            StmtKind::Attribute { path, value } => {
                let [key] = path.as_slice() else { return };
                if key.node == "exec" {
                    self.check(value, &Type::Enum("Exec".to_owned()), scope);
                }
                let meaning = || Meaning::Plain(key.node.clone());
                self.note_word(At::new(file, key.span), meaning);
                self.listed(file, &key.node, value);
            }
            _ => {}
        }
    }

    /// `rules = [require]`, `metrics = [accuracy]`: words that are names of something.
    fn listed(&mut self, file: FileId, key: &str, value: &Expr) {
        let ExprKind::List(items) = &value.kind else { return };
        for item in items {
            let ExprKind::Name(word) = &item.kind else { continue };
            let at = At::new(file, item.span);
            match key {
                "rules" => self.note_word(at, || Meaning::Verb(word.clone())),
                "metrics" => self.note_word(at, || Meaning::Metric(word.clone())),
                _ => {}
            }
        }
    }

    fn port_given(
        &mut self,
        file: FileId,
        name: &Spanned<String>,
        port: Port,
        of: String,
        key: Key,
    ) {
        let port = PortOf { port, of, key: Some(key), set: None };
        let at = At::new(file, name.span);
        let ty = port.port.ty.clone();
        self.note(at, &ty, Some(at), || Meaning::Port(Box::new(port)));
    }

    /// A type as written; what is wrong with it was told when the library was made.
    fn resolved(&self, file: FileId, ty: &ast::Type) -> Type {
        resolve(ty, file, self.library, &mut Vec::new())
    }
}
