//! The nouns: values with units, versions, stages, identities, faults. A leaf.
