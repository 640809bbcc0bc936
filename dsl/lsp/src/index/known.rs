//! What the language itself has, beside the library: its functions, in words.

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

/// Those that tests have beside, in the same form.
pub(crate) const OF_TESTS: [(&str, &str, &str); 6] = [
    ("any", "any(range) -> T\nany(list) -> T", "Whatever value of these: each is tried."),
    ("max_traffic", "max_traffic(model) -> Ratio", "The most traffic that a model ever had."),
    ("missing", "missing(from: Duration, to: Duration) -> T", "Nothing is measured meanwhile."),
    ("notified", "notified(channel) -> Bool", "Whether people were told in a channel."),
    ("series", "series({ 0h = T, … }) -> T", "A value from each of these times on."),
    ("traffic", "traffic(model) -> Ratio", "A model's share of the traffic."),
];

/// What a place itself has, by its name.
pub(crate) fn ambient(name: &str) -> Option<&'static str> {
    Some(match name {
        "event" => "What happened.",
        "reference" => "What was measured when the model was promoted.",
        "run" => "How the run ends.",
        "status" => "Where the model is in its life when the run has ended.",
        "live" => "What is measured while the step runs.",
        _ => return None,
    })
}
