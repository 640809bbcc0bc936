//! Program to DAG, content digests, rules as data and their evaluator.
