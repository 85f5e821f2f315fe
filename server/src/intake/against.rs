//! What speaks against an edit, whatever the documents say: its form, its author, what it needs.

use waybill_shared::{
    edit::{Edit, EditKind, Verdict},
    finding::{self, Finding, Rule},
    id::EditId,
    protocol::limits,
    rules,
    session::who::Withdrawn,
    texts,
};

/// What is kept for a manager because its author's access was withdrawn, or refused for its form.
pub fn kept(edit: &Edit, size: usize, why: Withdrawn) -> Verdict {
    if size > limits::EDIT {
        return too_large(edit.kind);
    }
    let form: Vec<Finding> = match malformed(edit) {
        Some(finding) => vec![finding],
        None => edit.parts.iter().flat_map(|part| part.command.check()).collect(),
    };
    if !form.is_empty() {
        return Verdict::Refused { findings: finding::first(form) };
    }
    let what = match why {
        Withdrawn::Device => "It came from a device that may not be used any more.",
        Withdrawn::Person => "It came after the access of its author was withdrawn.",
    };
    Verdict::Held { findings: vec![Finding::new(Rule::NotPermitted, what, "A manager looks at it.")] }
}

/// What a defect of ours leads to: a request may be given again, a fact must not be lost.
pub fn defect(kind: EditKind, what: &str) -> Verdict {
    let remedy = "It is kept. Report it to your administrator.";
    against(kind, vec![Finding::new(Rule::Defect, what, remedy)])
}

/// A fact is refused only for its form; what its author had no right to, or what fails here, is held.
pub fn against(kind: EditKind, findings: Vec<Finding>) -> Verdict {
    let findings = finding::first(findings);
    let formal = |finding: &Finding| matches!(finding.rule, Rule::Malformed | Rule::Unsupported);
    match kind {
        EditKind::Facts if !findings.iter().any(formal) => Verdict::Held { findings },
        _ => Verdict::Refused { findings },
    }
}

/// Its id is another edit's. `next`: the same device may send it as another attempt.
pub fn in_use(next: bool) -> Verdict {
    let remedy =
        if next { "Send it as the next attempt, or under a fresh id." } else { "Send it under a fresh id." };
    let what = "The id of this entry is in use for another one. That one stays as it is.";
    Verdict::Refused { findings: vec![Finding::new(Rule::IdInUse, what, remedy).field("id")] }
}

pub fn blocked(by: EditId) -> Verdict {
    let finding = Finding::new(
        Rule::NeedsRefused,
        "It needs an earlier entry that was not accepted.",
        "Put the earlier entry right, or enter this again without it.",
    );
    Verdict::Blocked { by, findings: vec![finding] }
}

pub fn too_large(kind: EditKind) -> Verdict {
    against(kind, vec![Finding::malformed("parts", "The edit is too large.", "Send it as several edits.")])
}

pub fn not_here() -> Finding {
    Finding::new(
        Rule::NotPermitted,
        "The person it names is not enrolled on this device.",
        "Sign in on this device as that person, and send it again.",
    )
}

pub fn malformed(edit: &Edit) -> Option<Finding> {
    let bad = |field: &str, what: &str, remedy: &str| Some(Finding::malformed(field, what, remedy));
    if edit.parts.is_empty() {
        return bad("parts", "The edit has no parts.", "Send at least one command.");
    }
    if let Some(finding) = edit.too_much().or_else(|| edit.booked.check()) {
        return Some(finding);
    }
    if let Some(word) = &edit.overriding
        && let Some(finding) = texts::check_field("reason", &word.reason)
    {
        return Some(finding);
    }
    if edit.after.iter().any(|needed| needed.is_nil()) {
        return bad("after", "It needs an entry without an id.", "Name the entry, or leave it away.");
    }
    if rules::kind_of(edit.parts.iter().map(|part| (part.doc, &part.command))) != Some(edit.kind) {
        return bad("kind", "The edit mixes what happened with what is asked for.", "Send two edits.");
    }
    for part in &edit.parts {
        if part.command.of() != part.doc.kind {
            return bad(
                "document",
                "This command does not work on that kind of document.",
                "Send it with the address of a document of its own kind.",
            );
        }
        if let Some(finding) = part.command.misplaced(part.doc) {
            return Some(finding);
        }
        if part.doc.id.is_nil() {
            return bad("document", "The document has no id.", "Give it a fresh UUID.");
        }
    }
    None
}
