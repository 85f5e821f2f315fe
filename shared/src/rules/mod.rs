//! The rules: what speaks against an edit. Rules return all they find.

pub mod roles;
