//! What the language itself has, beside the library: functions, sources of secrets, types.

/// The functions of the language: what each takes and gives; `[T]` and `T` are whatever is given.
pub(crate) const FUNCTIONS: [(&str, &str, &str); 7] = [
    (
        "increasing",
        "increasing(list) -> Bool",
        "Whether each element is greater than the one before.",
    ),
    (
        "last",
        "last(list) -> T\nlast(period) -> Range<Date>",
        "The last element of a list, or the time up to the run's start.",
    ),
    ("len", "len(list) -> Int", "How many elements a list has."),
    ("max", "max(a, b, …) -> T", "The greatest of its arguments."),
    ("min", "min(a, b, …) -> T", "The least of its arguments."),
    (
        "next",
        "next(model: Model<production>?, bump: Bump = auto) -> Version",
        "The version after the one in production.",
    ),
    ("sum", "sum(list) -> T", "The sum of a list."),
];

/// Where secrets come from, in the same form.
pub(crate) const SECRET_SOURCES: [(&str, &str, &str); 2] = [
    ("env", "env(name) -> Secret<T>", "Read from an environment variable when the run starts."),
    ("file", "file(path) -> Secret<T>", "Read from a file when the run starts."),
];

/// Types of the language itself, beside the library's.
pub(crate) const TYPES: [&str; 28] = [
    "Artifact",
    "Bool",
    "Column",
    "Dataset",
    "Date",
    "Duration",
    "Float",
    "Instant",
    "Int",
    "Map",
    "Model",
    "Money",
    "Outputs",
    "Path",
    "Period",
    "Pips",
    "Points",
    "Range",
    "Ratio",
    "Secret",
    "Share",
    "Step",
    "Symbol",
    "Text",
    "Timeframe",
    "Url",
    "Version",
    "Zone",
];
