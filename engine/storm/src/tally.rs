//! What happened in a storm, counted: a batch in which something never happened has not tried it.

macro_rules! tally {
    ($($name:ident $what:literal,)*) => {
        /// What happened, and how often.
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub struct Tally {
            $(#[doc = $what] pub $name: u64,)*
        }

        impl Tally {
            /// Adds what happened in another storm.
            pub const fn add(&mut self, other: &Self) {
                $(self.$name = self.$name.saturating_add(other.$name);)*
            }

            /// Name and count of each.
            pub fn counts(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }
        }
    };
}

tally! {
    micro_steps "Calls of a daemon to the world around it: each is a moment to die at.",
    commits "Durable commits of runs and schedules.",
    minutes "Minutes of virtual time.",
    turns "Turns of engines.",
    runs "Runs that were created.",
    retrained "Runs that put a model into production.",
    rolled_back "Models that were taken back.",
    rejected "Runs that failed, were cancelled or said no.",
    crashes "Deaths of daemons at a micro-step.",
    outages "Daemons that were down for hours.",
    leaves "Daemons that left in peace.",
    pauses "Daemons that stood still longer than their leases.",
    naps "Daemons that stood still for a moment.",
    zombies "Runs that a daemon went on with, and that were another's meanwhile.",
    fenced "Commits refused because the lease was another's.",
    conflicts "Commits and changes refused because something had moved on.",
    lost_before "Commits that came to nothing, and nobody could tell.",
    lost_after "Commits that were durable, and nobody could tell.",
    refused "Calls that the store refused.",
    unreachable "Calls that the executor did not answer.",
    reply_lost "Attempts that were launched though their submission failed.",
    taken_up "Runs that a daemon took up from another, or from an earlier life.",
    adopted "Attempts that were submitted again and found at work.",
    doubled "Orders that the executor heard twice.",
    beside "Moments at which another thread of the same daemon came between.",
    retired "Models in production that a person retired.",
    launched "Attempts that were launched.",
    mistaken "Attempts at work that were taken for gone.",
    late "Attempts that had ended and were said to be at work.",
    node_deaths "Attempts that went without a word.",
    killed "Attempts that were ended.",
    deaf "Attempts that did not end when asked to.",
    swept "Strays that were found and ended.",
    stale_routes "Routes that came to the router late, and were ignored.",
    unrouted "Routes that the router did not hear of at once.",
    unheard "Wakes that nobody heard.",
    fired "Ticks that became runs.",
    skipped "Ticks that were skipped.",
    edits "Schedules that a text changed.",
    keys_again "Submissions that were known already.",
    other_bodies "Submissions of something else under a known key.",
    cancels "Requests to cancel.",
    retries "Runs that a person had done again.",
    unknown "Runs that only a person could bring on.",
    pauses_of_schedules "Schedules that a person paused.",
    handlers "Exit blocks that were carried out.",
    quarantined "Runs that were put into quarantine.",
    extended "Rollouts that were given way, outrun or hindered.",
}

impl Tally {
    /// What must happen in every batch worth its name, and did not.
    pub fn never(&self) -> Vec<&'static str> {
        // What a batch may do without: it is no fault, or another count stands for it.
        let optional = ["conflicts", "extended", "stale_routes"];
        let counts = self.counts().into_iter();
        let none = counts.filter(|(name, count)| *count == 0 && !optional.contains(name));
        none.map(|(name, _)| name).collect()
    }
}
