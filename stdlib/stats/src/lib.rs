//! Classification and return metrics, sequential tests, intervals. Pure.
