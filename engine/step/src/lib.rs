//! The contract between the engine and a step.
