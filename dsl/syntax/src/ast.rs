//! The tree of a file as its meaning is read from it: spans kept, comments and layout left to the
//! lossless tree beneath.
//!
//! A broken piece is an [`ExprKind::Missing`] or is left out; the error that explains it stands in
//! [`crate::Parsed::errors`]. Nothing here is checked: names are texts, units are texts.

/// Where something stands: byte offsets into the file's text, end excluded.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Something and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// The thing.
    pub node: T,
    /// Where.
    pub span: Span,
}

/// A dotted name, `a.b.c`: each part with its span.
pub type Path = Vec<Spanned<String>>;

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The statements, in order.
    pub items: Vec<Stmt>,
}

/// One statement with what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// The whole statement, doc comments and annotations excluded.
    pub span: Span,
    /// The text of the `///` lines above it, without the slashes, joined by newlines.
    pub doc: Option<String>,
    /// The `@name(args)` lines above it.
    pub annotations: Vec<Annotation>,
}

/// `@since("2026.1")`.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Its name.
    pub path: Path,
    /// Its arguments.
    pub args: Vec<Arg>,
}

/// What a statement can be.
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `edition 2026`.
    Edition(Spanned<String>),
    /// `use std.ml` or `use "./x.suho" { a, b as c }`.
    Use(Use),
    /// `let x: T = e`, `secret x: T = e`, `param x: T = e`.
    Binding {
        /// Which of the three.
        keyword: Binding,
        /// What is bound.
        name: Spanned<String>,
        /// Its declared type.
        ty: Option<Type>,
        /// What it is set to.
        value: Option<Expr>,
    },
    /// `in x: T = e`, `out x: T`: a port of a signature.
    Port {
        /// In or out.
        direction: Direction,
        /// The port's name.
        name: Spanned<String>,
        /// Its type.
        ty: Type,
        /// Its default.
        default: Option<Expr>,
    },
    /// `step train { … }`, `record Target { … }`, `metric accuracy: Ratio = …`, `enum Layer { … }`.
    Definition(Definition),
    /// `train candidate { … }`, `pipeline p(x: T) { … }`, `on rollback { … }`.
    Instance(Instance),
    /// `batch_size = 32`, `fx.share = 10%`.
    Attribute {
        /// Its name; more than one part only in `env` and `given`-like places.
        path: Path,
        /// Its value.
        value: Expr,
    },
    /// `require accuracy >= 60%`, `rollback when error_rate > 5% for 5m { … }`.
    Rule(Rule),
    /// `given bt.sharpe = 1.4`.
    Given {
        /// What is given.
        path: Path,
        /// Its value.
        value: Expr,
    },
}

/// The keyword of a binding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// A name for a value.
    Let,
    /// A parameter.
    Param,
    /// A handle on a secret.
    Secret,
}

/// Which way a port goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Given to the step.
    In,
    /// Made by the step.
    Out,
}

/// `use …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What is used.
    pub source: UseSource,
    /// Names taken from it, each with the name it gets here.
    pub names: Vec<UseName>,
    /// `as x` for the whole.
    pub alias: Option<Spanned<String>>,
}

/// What a `use` names.
#[derive(Clone, Debug, PartialEq)]
pub enum UseSource {
    /// A file, relative to the one that uses it; without the quotes.
    File(Spanned<String>),
    /// A part of the library, `std.ml`.
    Library(Path),
}

/// One name of a `use`.
#[derive(Clone, Debug, PartialEq)]
pub struct UseName {
    /// Its name there.
    pub name: Spanned<String>,
    /// Its name here, if another.
    pub alias: Option<Spanned<String>>,
}

/// A definition of the library or of a user's own step.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// `record`, `step`, `resource`, `metric`, `type` or `enum`.
    pub keyword: Spanned<String>,
    /// What is defined.
    pub name: Spanned<String>,
    /// `: T`, for metrics and types.
    pub ty: Option<Type>,
    /// `= e`, for metrics and types.
    pub value: Option<Expr>,
    /// The variants of an `enum`.
    pub variants: Vec<VariantDef>,
    /// The block of the others.
    pub body: Option<Block>,
}

/// One choice of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantDef {
    /// Its name.
    pub name: Spanned<String>,
    /// Its fields.
    pub params: Vec<Param>,
    /// Its doc comment.
    pub doc: Option<String>,
}

/// `name: T = default`, of a pipeline or an enum's choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Spanned<String>,
    /// Its type.
    pub ty: Type,
    /// Its default.
    pub default: Option<Expr>,
}

/// `kind name(params) { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// `train`, `pipeline`, `on`.
    pub kind: Path,
    /// The instance's name; a test's is text.
    pub name: Option<Spanned<String>>,
    /// A pipeline's parameters.
    pub params: Vec<Param>,
    /// Its block.
    pub body: Block,
}

/// `{ … }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Its statements, in order.
    pub items: Vec<Stmt>,
    /// From the opening brace to the closing one, both included.
    pub span: Span,
}

/// A rule, `verb [when] condition [for e] [at e] [else e] [after e] [{ … }]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `require`, `rollback`, `hold`, `fire`, `resolve`, `compare`, `check`, `expect`, `invariant`.
    pub verb: Spanned<String>,
    /// Whether `when` stood after the verb.
    pub when: bool,
    /// What it says.
    pub condition: Expr,
    /// `for`, `at`, `else`, `after`, in the order written.
    pub clauses: Vec<Clause>,
    /// Its block, as `compare`'s.
    pub body: Option<Block>,
}

/// `for 5m`.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// `for`, `at`, `else` or `after`.
    pub keyword: Spanned<String>,
    /// What follows it.
    pub value: Expr,
}

/// A type as written: `Model<tested>?`, `[Layer]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// What it is.
    pub kind: TypeKind,
    /// Whether `?` follows.
    pub optional: bool,
    /// Where.
    pub span: Span,
}

/// What a written type can be.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `Dataset<labelled>`.
    Named(Path, Vec<Type>),
    /// `[T]`.
    List(Box<Type>),
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Unreadable; an error says why. Causes no further error.
    Missing,
    /// `1_000`, `0.5`, `1e-3`, as written.
    Number(String),
    /// `10%`, `7h5m`: the whole text as written, and its first unit.
    Quantity(String),
    /// `40 USD`.
    Money(String),
    /// `2025-01-01`.
    Date(String),
    /// `2025-01-01T10:00:00Z`, with or without zone.
    Instant(String),
    /// `v1.0.0`.
    Version(String),
    /// A string: pieces of text, escapes resolved, and `${…}`.
    Text(Vec<TextPart>),
    /// `"""…"""`: raw, common indentation removed.
    RawText(String),
    /// A bare name.
    Name(String),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `[for x in xs if c: e]`.
    Comprehension {
        /// The name bound.
        name: Spanned<String>,
        /// What it runs over.
        source: Box<Expr>,
        /// The condition.
        condition: Option<Box<Expr>>,
        /// What each becomes.
        item: Box<Expr>,
    },
    /// `{ a = 1, "EUR/USD" = 0.8pip }`.
    Record(Vec<Field>),
    /// `if c then a else b`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `-x`, `not x`.
    Unary(Spanned<UnaryOp>, Box<Expr>),
    /// `a + b`.
    Binary(Spanned<BinaryOp>, Box<Expr>, Box<Expr>),
    /// `f(x, name: y)`.
    Call(Box<Expr>, Vec<Arg>),
    /// `x[i]`.
    Index(Box<Expr>, Box<Expr>),
    /// `x.name` or `x?.name`.
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field.
        name: Spanned<String>,
        /// Whether `?.`.
        optional: bool,
    },
    /// `x with { … }`.
    With(Box<Expr>, Vec<Field>),
    /// `(x)`.
    Paren(Box<Expr>),
}

/// One piece of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// Literal text.
    Text(String),
    /// `${e}`.
    Expr(Expr),
}

/// One field of a record: the key is a dotted name, a string or a quantity (as `0h`).
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its key, dots kept, quotes removed.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Expr,
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// Its name, if named.
    pub name: Option<Spanned<String>>,
    /// Its value.
    pub value: Expr,
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `not`.
    Not,
}

/// An operator between its operands, loosest first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BinaryOp {
    /// `or`.
    Or,
    /// `and`.
    And,
    /// `in`.
    In,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `??`.
    Coalesce,
    /// `..`.
    Range,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `accuracy over 7d`: a metric in a window of its own.
    Over,
}
