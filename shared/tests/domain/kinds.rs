//! What must be true of every kind and of every command, whoever adds one: all that are wrong are told at once.

use std::collections::BTreeMap;

use waybill_shared::{
    command::Command,
    doc::Doc,
    kind::DocKind,
    rules::roles::{Role, When, table},
    view::View,
};

use crate::{common::*, golden};

/// Each as an example has it, on a document in which everything before it was done.
fn each(mut look: impl FnMut(&Command, &View)) {
    let mut desks: BTreeMap<DocKind, Desk> = BTreeMap::new();
    for command in golden::commands() {
        let desk = desks.entry(command.of()).or_insert_with(|| Desk::new(command.of()));
        let _ = desk.try_do(command.clone());
        look(&command, &desk.view);
    }
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_says_in_words_what_it_does() {
    let mut wrong = Vec::new();
    each(|command, view| {
        let words = command.words(view);
        let begins = words.chars().next().is_some_and(char::is_uppercase);
        if !begins || words.contains('\n') {
            wrong.push(format!("{}: “{words}”", command.name()));
        }
    });
    none(wrong);
}

#[test]
fn what_is_personal_goes_once() {
    let mut wrong = Vec::new();
    each(|command, _| {
        let mut cleaned = command.clone();
        cleaned.act_mut().clean();
        let mut again = cleaned.clone();
        again.act_mut().clean();
        if again != cleaned {
            wrong.push(format!("{}: cleaned twice it is another one", command.name()));
        }
    });
    none(wrong);
}

#[test]
fn what_makes_a_thing_with_a_number_gives_it() {
    let mut wrong = Vec::new();
    each(|command, view| {
        let numbered = view.says().is_some_and(|said| said.called().is_some());
        let mut other = command.clone();
        let same = command.act().number().map(str::to_owned) == other.act_mut().number_mut().cloned();
        if command.makes() && numbered && command.act().number().is_none() || !same {
            wrong.push(format!("{} gives no number, or two", command.name()));
        }
    });
    none(wrong);
}

#[test]
fn somebody_may_give_every_command_and_an_admin_always() {
    let may_not = |row: &&waybill_shared::role::Row| row.when(Role::Admin) != When::Always;
    none(table().filter(may_not).map(|row| row.command.to_owned()).collect());
}

#[test]
fn every_kind_that_is_read_has_a_skeleton_and_every_other_none() {
    let mut wrong = Vec::new();
    for kind in DocKind::ALL {
        let is_read = DocKind::READ.contains(kind);
        if is_read == Doc::new(*kind).heads().is_empty() {
            wrong.push(format!("{kind}: read {is_read}"));
        }
    }
    none(wrong);
}
