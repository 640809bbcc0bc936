//! The replay world of a rehearsal: a virtual clock, held-back bars, seeded requests.
