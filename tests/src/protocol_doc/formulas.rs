//! Skeletons, derived ids, digest and chain with worked numbers.

use waybill_shared::{
    chain::Cursor,
    digest::Digest,
    doc::Doc,
    edit::Verdict,
    id::{CustomerTermsId, EntryId, NotesId, ProductTermsId, SettingsId, StockId},
    kind::{DocAddr, DocKind},
};

use super::{
    Example, change_ops,
    commands::first_change,
    hex_lines,
    world::{customer, edit, location, order, product},
};

pub fn all() -> Vec<Example> {
    vec![kinds(), skeletons(), order_skeleton(), derived_ids(), digest(), chain()]
}

fn kinds() -> Example {
    let lines: Vec<String> =
        DocKind::ALL.iter().map(|kind| format!("{:>2}  {}", u8::from(*kind), kind.name())).collect();
    Example::new("kinds", lines.join("\n"))
}

fn skeletons() -> Example {
    let mut lines = Vec::new();
    for kind in DocKind::ALL.iter().filter(|kind| !kind.skeleton().is_empty()) {
        for (change, maps) in Doc::new(*kind).changes().iter().zip(kind.skeleton()) {
            lines.push(format!("{kind}, seq {}: {}\n    hash {}", change.seq, maps.join(" "), change.hash));
        }
    }
    Example::new("skeletons", lines.join("\n"))
}

fn order_skeleton() -> Example {
    let changes = Doc::new(DocKind::Order).changes();
    let lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let ops = change_ops::operations(&change.bytes).unwrap_or_else(|error| panic!("{error}"));
            format!("{}\n\nhash {}\n{}", ops.join("\n"), change.hash, hex_lines(&change.bytes))
        })
        .collect();
    Example::new("order skeleton", lines.join("\n"))
}

fn derived_ids() -> Example {
    let lines = [
        format!("entry of edit {}, part 0:\n    {}", edit(1), EntryId::of(edit(1), 0)),
        format!("terms of product {}:\n    {}", product(), ProductTermsId::of(product())),
        format!("terms of customer {}:\n    {}", customer(), CustomerTermsId::of(customer())),
        format!("internal notes about order {}:\n    {}", order(1), NotesId::of(order(1))),
        format!(
            "stock of product {} at location {}:\n    {}",
            product(),
            location(),
            StockId::of(product(), location())
        ),
        format!("the settings:\n    {}", SettingsId::ONLY),
    ];
    Example::new("derived ids", lines.join("\n"))
}

fn digest() -> Example {
    let (addr, _, _, change) = first_change();
    let other = DocAddr::from(order(2));
    let skeleton = Doc::new(DocKind::Order);
    let first = Digest::of(addr, &[change.hash]);
    let second = Digest::of(other, skeleton.heads());
    let mut sum = first;
    sum.moved(Digest::default(), second);
    let heads: Vec<String> = skeleton.heads().iter().map(ToString::to_string).collect();
    Example::new(
        "digest",
        format!(
            "{addr} at [{}]\n    {first:?}\n{other} at [{}]\n    {second:?}\nof both\n    {sum:?}",
            change.hash,
            heads.join(", ")
        ),
    )
}

fn chain() -> Example {
    let (addr, _, _, change) = first_change();
    let one = Cursor::START.next(edit(1), 0, &Verdict::Accepted, &[(addr, Some(change.hash))]);
    let two = one.next(edit(2), 3, &Verdict::Refused { findings: Vec::new() }, &[]);
    Example::new(
        "chain",
        format!(
            "position 1: edit {}, attempt 0, accepted, {addr} with change {}\n    {}\n\
             position 2: edit {}, attempt 3, refused\n    {}",
            edit(1),
            change.hash,
            one.chain,
            edit(2),
            two.chain
        ),
    )
}
