//! Expressions: the names in them, and of what type they are. What is expected comes down, as in
//! the checker, and chooses between enums; what is wrong is of unknown type.

use super::given::Key;
use super::known::{FUNCTIONS, TYPES};
use super::meaning::Meaning;
use super::names::Named;
use super::ports::{Keyed, arguments_of, fields_of, port};
use super::scope::Scope;
use super::walk::{Block, Called, Walker, Wanted};
use suho_check::Type;
use suho_domain::Stage;
use suho_domain::units::{Duration, Period, Pips, Points, Ratio};
use suho_syntax::ast::{
    self, Arg, BinaryOp, Expr, ExprKind, Field, Span, Spanned, TextPart, UnaryOp,
};

impl Walker<'_> {
    /// The type of `expr`; nothing is noted.
    pub(crate) fn infer(&mut self, expr: &Expr, scope: &Scope) -> Type {
        let (before, probe) = (self.mentions.len(), self.probe.take());
        let ty = self.expr(expr, &Type::Unknown, scope);
        self.mentions.truncate(before);
        self.probe = probe;
        ty
    }

    /// The names in `expr`, of which a value of type `hint` is expected; answers its type.
    pub(super) fn expr(&mut self, expr: &Expr, hint: &Type, scope: &Scope) -> Type {
        match &expr.kind {
            ExprKind::Missing => Type::Unknown,
            ExprKind::Number(_)
            | ExprKind::Quantity(_)
            | ExprKind::Money(_)
            | ExprKind::Date(_)
            | ExprKind::Instant(_)
            | ExprKind::Version(_)
            | ExprKind::RawText(_) => self.literal(expr),
            ExprKind::Text(parts) => {
                for part in parts {
                    if let TextPart::Expr(inner) = part {
                        self.expr(inner, &Type::Unknown, scope);
                    }
                }
                Type::Text
            }
            ExprKind::Name(name) => self.name(name, expr.span, hint, scope),
            ExprKind::List(items) => self.list(items, hint, scope),
            ExprKind::Comprehension { name, source, condition, item } => {
                self.comprehension(name, source, condition.as_deref(), item, hint, scope)
            }
            ExprKind::Record(fields) => self.record(fields, hint, scope),
            ExprKind::If(condition, then, otherwise) => {
                self.expr(condition, &Type::Bool, scope);
                let ty = self.expr(then, hint, scope);
                self.expr(otherwise, hint, scope);
                ty
            }
            ExprKind::Unary(operator, operand) => match operator.node {
                UnaryOp::Not => {
                    self.expr(operand, &Type::Bool, scope);
                    Type::Bool
                }
                UnaryOp::Negate => self.expr(operand, hint, scope),
            },
            ExprKind::Binary(operator, left, right) => {
                self.binary(operator.node, left, right, hint, scope)
            }
            ExprKind::Call(callee, args) => self.call(expr.span, callee, args, hint, scope),
            ExprKind::Index(list, index) => {
                let list = self.expr(list, &Type::Unknown, scope);
                self.expr(index, &Type::Int, scope);
                if let Type::List(of) = list { *of } else { Type::Unknown }
            }
            ExprKind::Field { base, name, .. } => self.field(base, name, scope),
            ExprKind::With(base, fields) => {
                let ty = self.expr(base, hint, scope);
                self.fields(&ty, fields, scope);
                ty
            }
            ExprKind::Paren(inner) => self.expr(inner, hint, scope),
        }
    }

    fn literal(&mut self, expr: &Expr) -> Type {
        let ty = literal_type(&expr.kind);
        if !matches!(ty, Type::Unknown | Type::Int | Type::Float | Type::Text) {
            self.mention(expr.span, Meaning::Literal(ty.clone()), None);
        }
        ty
    }

    fn name(&mut self, name: &str, span: Span, hint: &Type, scope: &Scope) -> Type {
        if self.is_at(span) {
            let names = scope.names();
            let expected = hint.clone();
            self.want(Wanted::Value { expected, names, arguments: Vec::new() });
        }
        if let Some(Named { place, meaning, ty, .. }) = self.named(name, scope) {
            self.mention(span, meaning, place);
            return ty;
        }
        if let Some(of) = self.choice_of(hint, name) {
            self.mention(span, Meaning::Choice(of.clone(), name.to_owned()), None);
            return Type::Enum(of);
        }
        let ty = match name {
            "true" | "false" => Type::Bool,
            "none" => Type::Optional(Box::new(Type::Unknown)),
            _ if self.library.enums.contains_key(name) => {
                self.mention(span, Meaning::Type(name.to_owned()), None);
                return Type::Unknown;
            }
            _ => return Type::Unknown,
        };
        self.mention(span, Meaning::Constant(name.to_owned()), None);
        ty
    }

    /// What `name` stands for in `scope` or in the file.
    fn named(&self, name: &str, scope: &Scope) -> Option<Named> {
        scope.get(name).or_else(|| self.names.get(name).cloned())
    }

    /// The enum that `hint` is, if it has the choice `name`.
    fn choice_of(&self, hint: &Type, name: &str) -> Option<String> {
        let Type::Enum(of) = plain(hint) else { return None };
        let has = self.library.enums.get(of)?.iter().any(|choice| choice.name == name);
        has.then(|| of.clone())
    }

    fn list(&mut self, items: &[Expr], hint: &Type, scope: &Scope) -> Type {
        let mut of = element(hint);
        for item in items {
            let ty = self.expr(item, &of, scope);
            if of == Type::Unknown {
                of = ty;
            }
        }
        Type::List(Box::new(of))
    }

    fn comprehension(
        &mut self,
        name: &Spanned<String>,
        source: &Expr,
        condition: Option<&Expr>,
        item: &Expr,
        hint: &Type,
        scope: &Scope,
    ) -> Type {
        let of = match self.expr(source, &Type::Unknown, scope) {
            Type::List(of) => *of,
            _ => Type::Unknown,
        };
        let place = self.place(name.span);
        let meaning = Meaning::Bound(of.clone());
        let span = name.span;
        let mention = super::Mention { span, meaning, given: Some(place), is_given: true };
        self.mentions.push(mention);
        let inner = scope.binding(&name.node, of, Some(place));
        if let Some(condition) = condition {
            self.expr(condition, &Type::Bool, &inner);
        }
        Type::List(Box::new(self.expr(item, &element(hint), &inner)))
    }

    fn record(&mut self, fields: &[Field], hint: &Type, scope: &Scope) -> Type {
        match plain(hint) {
            ty @ Type::Record(_) => {
                self.fields(ty, fields, scope);
                ty.clone()
            }
            ty @ Type::Map(_, value) => {
                for field in fields {
                    self.expr(&field.value, value, scope);
                }
                ty.clone()
            }
            _ => {
                let mut types = std::collections::BTreeMap::new();
                for field in fields {
                    let ty = self.expr(&field.value, &Type::Unknown, scope);
                    types.insert(field.key.node.clone(), ty);
                }
                Type::Fields(types)
            }
        }
    }

    /// The fields written for a record of type `ty`.
    fn fields(&mut self, ty: &Type, fields: &[Field], scope: &Scope) {
        let takes = fields_of(self.library, ty);
        let has: Vec<String> = fields.iter().map(|field| field.key.node.clone()).collect();
        for field in fields {
            if self.is_at(field.key.span) {
                let (takes, has) = (takes.clone(), has.clone());
                let kind = Some(ty.to_string());
                self.want(Wanted::Statement(Block { kind, takes, has, before: String::new() }));
            }
            let port = takes.iter().find(|(port, _)| port.name == field.key.node).cloned();
            let expected = port.as_ref().map_or(Type::Unknown, |(port, _)| port.ty.clone());
            if let Some((port, key)) = port {
                let meaning =
                    Meaning::Port { port: Box::new(port), of: ty.to_string(), key, step: None };
                self.mention(field.key.span, meaning, None);
            }
            self.expr(&field.value, &expected, scope);
        }
    }

    fn binary(
        &mut self,
        operator: BinaryOp,
        left: &Expr,
        right: &Expr,
        hint: &Type,
        scope: &Scope,
    ) -> Type {
        use BinaryOp as Op;
        match operator {
            Op::Or | Op::And => {
                self.expr(left, &Type::Bool, scope);
                self.expr(right, &Type::Bool, scope);
                Type::Bool
            }
            Op::Equal
            | Op::NotEqual
            | Op::Less
            | Op::LessOrEqual
            | Op::Greater
            | Op::GreaterOrEqual => {
                let of = self.infer(right, scope);
                let of = self.expr(left, &of, scope);
                self.expr(right, plain(&of), scope);
                Type::Bool
            }
            Op::In => {
                let of = self.expr(left, &Type::Unknown, scope);
                self.expr(right, &Type::List(Box::new(of)), scope);
                Type::Bool
            }
            Op::Coalesce => {
                let left = self.expr(left, hint, scope);
                self.expr(right, plain(&left), scope);
                plain(&left).clone()
            }
            Op::Range => {
                let of =
                    if let Type::Range(of) = plain(hint) { (**of).clone() } else { Type::Unknown };
                let ty = self.expr(left, &of, scope);
                self.expr(right, &ty, scope);
                Type::Range(Box::new(ty))
            }
            Op::Over => {
                let ty = self.expr(left, hint, scope);
                self.expr(right, &Type::Duration, scope);
                ty
            }
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide => {
                let left = self.expr(left, hint, scope);
                let right = self.expr(right, hint, scope);
                computed(operator, &left, right)
            }
        }
    }

    // ---- calls

    fn call(
        &mut self,
        span: Span,
        callee: &Expr,
        args: &[Arg],
        hint: &Type,
        scope: &Scope,
    ) -> Type {
        let (name, meaning, takes, ty) = match &callee.kind {
            ExprKind::Name(name) => {
                if self.is_at(callee.span) {
                    self.expr(callee, hint, scope);
                }
                self.callee(name, hint, scope)
            }
            ExprKind::Field { base, name, .. } => match &base.kind {
                ExprKind::Name(of) if self.library.enums.contains_key(of) => {
                    self.mention(base.span, Meaning::Type(of.clone()), None);
                    let takes = arguments_of(self.library, of, &name.node);
                    let meaning = Meaning::Choice(of.clone(), name.node.clone());
                    self.mention(name.span, meaning.clone(), None);
                    (name.node.clone(), meaning, takes, Type::Enum(of.clone()))
                }
                _ => {
                    self.expr(callee, &Type::Unknown, scope);
                    return self.arguments(&[], args, scope);
                }
            },
            _ => return self.arguments(&[], args, scope),
        };
        if let (ExprKind::Name(_), false) = (&callee.kind, meaning == Meaning::Plain(String::new()))
        {
            let place = self.named(&name, scope).and_then(|named| named.place);
            let place = if matches!(meaning, Meaning::Choice(..)) { None } else { place };
            self.mention(callee.span, meaning.clone(), place);
        }
        if self.is_at(Span { start: callee.span.end, end: span.end }) {
            let active = self.active(&takes, args);
            let (meaning, takes) = (meaning.clone(), takes.clone());
            let called = Called { name, meaning, takes, active };
            if let Some(probe) = &mut self.probe {
                probe.calls.push(called);
            }
        }
        let is_last = meaning == Meaning::Function("last".to_owned());
        let given = self.arguments(&takes, args, scope);
        match (ty, given) {
            (Type::Unknown, Type::Period | Type::Duration) if is_last => {
                Type::Range(Box::new(Type::Date))
            }
            (Type::Unknown, given) => given,
            (ty, _) => ty,
        }
    }

    /// What is called `name`: its meaning, what it takes and what it gives. The empty plain meaning
    /// is that of nothing known; a function that gives what it is given is of unknown type.
    fn callee(
        &self,
        name: &str,
        hint: &Type,
        scope: &Scope,
    ) -> (String, Meaning, Vec<Keyed>, Type) {
        let own = name.to_owned();
        let choice = |of: String| {
            let takes = arguments_of(self.library, &of, name);
            (own.clone(), Meaning::Choice(of.clone(), own.clone()), takes, Type::Enum(of))
        };
        if let Some(of) = self.choice_of(hint, name) {
            return choice(of);
        }
        if FUNCTIONS.iter().any(|(function, ..)| *function == name) {
            let (takes, ty) = function(name);
            return (own.clone(), Meaning::Function(own), takes, ty);
        }
        if let Some(Named { meaning: meaning @ Meaning::Pipeline(_), .. }) = self.named(name, scope)
        {
            let pipeline = self.snapshot.checked().program.pipelines.get(name);
            let params = pipeline.into_iter().flat_map(|pipeline| &pipeline.params);
            let takes = params.map(|param| {
                let default = param.default.clone();
                (suho_check::Port { default, ..port(param.name.as_str(), param.ty.clone()) }, None)
            });
            return (own, meaning, takes.collect(), Type::Unknown);
        }
        let has = |choices: &[suho_check::Choice]| choices.iter().any(|choice| choice.name == name);
        let mut owners = self.library.enums.iter().filter(|(_, choices)| has(choices));
        match (owners.next(), owners.next()) {
            (Some((of, _)), None) => choice(of.clone()),
            _ => (own, Meaning::Plain(String::new()), Vec::new(), Type::Unknown),
        }
    }

    /// Which of `takes` the probe is at.
    fn active(&self, takes: &[Keyed], args: &[Arg]) -> Option<usize> {
        let at = self.probe.as_ref()?.at;
        let position = args.iter().take_while(|arg| arg.value.span.end <= at).count();
        let name = args.get(position).and_then(|arg| arg.name.as_ref());
        let named = name.and_then(|name| takes.iter().position(|(port, _)| port.name == name.node));
        // A name that is just being typed is that of none.
        named.or_else(|| (position < takes.len()).then_some(position))
    }

    /// The arguments of a call; answers the type of the first, or of what a list there holds.
    fn arguments(&mut self, takes: &[Keyed], args: &[Arg], scope: &Scope) -> Type {
        let mut first = Type::Unknown;
        let has: Vec<&str> =
            args.iter().filter_map(|arg| arg.name.as_ref()).map(|name| &*name.node).collect();
        for (position, arg) in args.iter().enumerate() {
            let field = match &arg.name {
                Some(name) => takes.iter().find(|(port, _)| port.name == name.node),
                None => takes.get(position),
            };
            if let (Some(name), Some((port, key))) = (&arg.name, field.cloned()) {
                let meaning = Meaning::Port {
                    port: Box::new(port),
                    of: "argument".to_owned(),
                    key,
                    step: None,
                };
                self.mention(name.span, meaning, None);
            }
            let expected = field.map_or(Type::Unknown, |(port, _)| port.ty.clone());
            let ty = self.expr(&arg.value, &expected, scope);
            if position == 0 {
                first = if let Type::List(of) = ty { *of } else { ty };
            }
            if arg.name.is_none() && self.is_at(arg.value.span) {
                self.may_be_named(takes, &has, position);
            }
        }
        first
    }

    /// An argument that has no name yet could get one.
    fn may_be_named(&mut self, takes: &[Keyed], has: &[&str], position: usize) {
        let Some(Wanted::Value { arguments, .. }) =
            self.probe.as_mut().and_then(|probe| probe.wanted.as_mut())
        else {
            return;
        };
        let open = takes.iter().skip(position).filter(|(port, _)| !has.contains(&&*port.name));
        arguments.extend(open.cloned());
    }

    // ---- fields

    fn field(&mut self, base: &Expr, name: &Spanned<String>, scope: &Scope) -> Type {
        if let ExprKind::Name(of) = &base.kind
            && self.library.enums.contains_key(of)
            && self.named(of, scope).is_none()
        {
            self.mention(base.span, Meaning::Type(of.clone()), None);
            if self.is_at(name.span) {
                self.want(Wanted::Choice(of.clone()));
            }
            self.mention(name.span, Meaning::Choice(of.clone(), name.node.clone()), None);
            return Type::Enum(of.clone());
        }
        let of = self.expr(base, &Type::Unknown, scope);
        if self.is_at(name.span) {
            self.want(Wanted::Field(of.clone()));
        }
        let fields = fields_of(self.library, &of);
        let Some((port, key)) = fields.into_iter().find(|(port, _)| port.name == name.node) else {
            return Type::Unknown;
        };
        let ty = match (&of, &port.ty) {
            (Type::Optional(_), ty) if !matches!(ty, Type::Optional(_)) => {
                Type::Optional(Box::new(ty.clone()))
            }
            (_, ty) => ty.clone(),
        };
        let meaning = Meaning::Port { port: Box::new(port), of: of.to_string(), key, step: None };
        self.mention(name.span, meaning, None);
        ty
    }

    // ---- types as written

    pub(super) fn ty(&mut self, ty: &ast::Type) {
        let (path, args) = match &ty.kind {
            ast::TypeKind::List(of) => return self.ty(of),
            ast::TypeKind::Named(path, args) => (path, args),
        };
        let span = super::walk::path_span(path);
        if self.is_at(span) {
            self.want(Wanted::Type);
        }
        let [name] = path.as_slice() else { return };
        let library = self.library;
        let is_own =
            library.records.contains_key(&name.node) || library.enums.contains_key(&name.node);
        let meaning = match &*name.node {
            _ if is_own => Meaning::Type(name.node.clone()),
            kind if library.steps.contains_key(kind) => Meaning::Kind(kind.to_owned()),
            word if TYPES.contains(&word) || Stage::from_word(word).is_some() => {
                Meaning::Plain(word.to_owned())
            }
            _ => return,
        };
        let given = meaning.key().and_then(|key: Key| self.givens.get(&key)).map(|it| it.place);
        self.mention(span, meaning, given);
        for arg in args {
            self.ty(arg);
        }
    }
}

/// The type of a literal.
pub(crate) fn literal_type(kind: &ExprKind) -> Type {
    match kind {
        ExprKind::Number(text) if text.contains(['.', 'e', 'E']) => Type::Float,
        ExprKind::Number(_) => Type::Int,
        ExprKind::Quantity(text) => quantity(text),
        ExprKind::Money(_) => Type::Money,
        ExprKind::Date(_) => Type::Date,
        ExprKind::Instant(_) => Type::Instant,
        ExprKind::Version(_) => Type::Version,
        ExprKind::Text(_) | ExprKind::RawText(_) => Type::Text,
        _ => Type::Unknown,
    }
}

fn quantity(text: &str) -> Type {
    if text.parse::<Ratio>().is_ok() {
        Type::Ratio
    } else if text.parse::<Points>().is_ok() {
        Type::Points
    } else if text.parse::<Pips>().is_ok() {
        Type::Pips
    } else if text.parse::<Duration>().is_ok() {
        Type::Duration
    } else if text.parse::<Period>().is_ok() {
        Type::Period
    } else {
        Type::Unknown
    }
}

/// What `left` and `right` give together.
fn computed(operator: BinaryOp, left: &Type, right: Type) -> Type {
    match (operator, plain(left), plain(&right)) {
        (BinaryOp::Subtract, Type::Ratio, Type::Ratio) => Type::Points,
        (BinaryOp::Divide, left, right) if left == right && *left != Type::Int => Type::Float,
        (BinaryOp::Multiply, Type::Int | Type::Float | Type::Ratio, other)
            if !matches!(other, Type::Int | Type::Float) =>
        {
            other.clone()
        }
        (_, Type::Unknown, _) => right,
        (_, left, _) => left.clone(),
    }
}

/// What a function of the language takes and gives.
fn function(name: &str) -> (Vec<Keyed>, Type) {
    let model = Type::Optional(Box::new(Type::Model(Stage::Production)));
    let keyed = |name: &str, ty| (port(name, ty), None);
    let list = || keyed("list", Type::Unknown);
    match name {
        "next" => (
            vec![keyed("model", model), keyed("bump", Type::Enum("Bump".to_owned()))],
            Type::Version,
        ),
        "len" => (vec![list()], Type::Int),
        "increasing" => (vec![list()], Type::Bool),
        _ => (Vec::new(), Type::Unknown),
    }
}

/// `ty` without its `?`.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => inner,
        ty => ty,
    }
}

/// What the elements of a list of type `hint` are.
fn element(hint: &Type) -> Type {
    match plain(hint) {
        Type::List(of) => (**of).clone(),
        _ => Type::Unknown,
    }
}
