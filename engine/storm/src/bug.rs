//! Planted bugs: what others got wrong, put into the made-up world on purpose, so that the oracles
//! are tested, too. None of them stands in the code that users run.

use std::str::FromStr;

macro_rules! bugs {
    ($($name:ident $word:literal $like:literal $what:literal,)*) => {
        /// A planted bug.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[expect(missing_docs, reason = "`what` says it")]
        pub enum Bug {
            $($name,)*
        }

        impl Bug {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name on the command line.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// What is wrong, in one sentence.
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$name => $what,)*
                }
            }

            /// Which failure of other engines it is like: `F1` to `F18` of the engine's design, or
            /// the promise that it breaks.
            pub const fn like(self) -> &'static str {
                match self {
                    $(Self::$name => $like,)*
                }
            }
        }
    };
}

bugs! {
    // The log and the registry.
    NoLogCheck "no-log-check" "F4" "a commit looks neither whether the log has moved on nor whether its writer leads",
    NoFence "no-fence" "F4" "a commit does not look whether its writer leads",
    NoRowVersion "no-row-version" "F14" "a model moves whatever its row version, and a route is kept whatever its generation",
    NoGeneration "no-generation" "G5" "a route is kept whatever its generation",
    TornCommit "torn-commit" "G1" "events and registry changes are two transactions",
    ChangesFirst "changes-first" "G1" "registry changes are durable before their events",
    LostCommit "lost-commit" "G1" "a commit that came to nothing is reported as done",
    TwiceCommitted "twice-committed" "F4" "a commit whose reply is lost is made again",
    HalfPromotion "half-promotion" "F14" "the old model steps down in a transaction of its own",
    TwoProductions "two-productions" "F14" "the old model does not step down",
    QuarantineLost "quarantine-lost" "G5" "a model that was taken back is free again, and its id serves the next try",
    StaleRead "stale-read" "F4" "a run is loaded without its last event",
    RolloutAnew "rollout-anew" "G7" "a rollout that is taken up again is routed as at its start",
    OldPlan "unpinned" "G6" "a run is carried out by the plan of the newest text",
    Overwritten "overwritten" "F2" "a success is overwritten by a late failure",
    StatusColumn "status-column" "F1" "the status column is not written when a run goes on",
    // Schedules and submissions.
    CursorApart "cursor-apart" "F5" "a tick's run and the schedule's cursor are two transactions",
    NoScheduleCheck "no-schedule-check" "F5" "a schedule moves whatever its row version",
    CursorFromRuns "cursor-from-runs" "F5" "the cursor is read off the newest run that is kept",
    MissedTicks "missed-ticks" "F6" "ticks while all daemons were down are forgotten",
    EditFires "edit-fires" "F7" "an edited schedule judges the day before the edit again",
    NoDecision "no-decision" "G4" "a tick that is skipped leaves no decision",
    OverlapIgnored "overlap-ignored" "F15" "a schedule takes its run for ended when a daemon starts",
    NeverSettled "never-settled" "F15" "a schedule never hears that its run ended",
    KeyForgotten "key-forgotten" "G1" "a submission's key is not kept",
    OtherBody "other-body" "G1" "another body under the same key begins another run",
    AckFirst "ack-first" "G1" "a submission is acknowledged before it is durable",
    CancelForgotten "cancel-forgotten" "F18" "a request to cancel is acknowledged and not kept",
    CancelAnswered "cancel-answered" "F18" "a request to cancel is answered and not heeded",
    // Attempts.
    NoLaunchKey "no-launch-key" "F4" "an attempt submitted twice is launched twice",
    NoSweep "no-sweep" "F18" "strays are not looked for",
    KillLost "kill-lost" "F18" "nothing that is told to end ends",
    LostOnStart "lost-on-start" "F3" "a daemon that starts takes what is at work for lost",
    SubmitFailed "submit-failed" "F12" "an attempt whose submission failed is taken for gone",
    OtherAttempt "other-attempt" "G3" "the result of an earlier attempt is taken for the latest one's",
    OnceAgain "once-again" "G2" "what may have happened once is tried again by itself",
    // Daemons and traffic.
    NeverTakenUp "never-taken-up" "F1" "the lease of a leader that died is never given up",
    NoLease "no-lease" "F4" "whoever wants to lead does",
    OnlyWoken "only-woken" "F16" "a daemon that nobody wakes sleeps for ever",
    PoisonStops "poison-stops" "F17" "a run that cannot go on keeps the daemon from all others",
    UnhandledLeft "unhandled-left" "G7" "an exit block is a transaction of its own, and one whose engine died is left",
    NobodyTold "nobody-told" "I9" "an exit block tells people without the channels that it names",
    UnknownIsFailed "unknown-is-failed" "G1" "a commit that nobody can tell of is taken for failed, and the run left alone",
    RouterBack "router-back" "G5" "the router takes any generation",
    RouterDeaf "router-deaf" "G9" "the router hears of routes once or never",
    RouteFirst "route-first" "G5" "a route is published before it is durable",
    RouteAnew "route-anew" "G5" "an engine that takes up a rollout publishes a route of its own making",
    ShadowServes "shadow-serves" "G5" "a route to a model that is no candidate is published",
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|bug| bug.word() == word);
        known.ok_or_else(|| format!("there is no planted bug `{word}`"))
    }
}
