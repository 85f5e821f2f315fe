//! The table of attacks: what is done, what it gets for an answer, what others noticed, and what the server's memory
//! was before and at most. `cargo test --test attacks -- --nocapture` prints it.
//!
//! A new row is an `Attack` in the list of the room it belongs to (`malice/`): a function that does it on the `Ground`
//! and gives the `Answer` it got, the answers that may come, how many entries of others the neighbour's edits may wait
//! behind (a batch or two), and how many MiB the process may grow by: what an allocator keeps differs by some ten from
//! run to run. A new room is listed in `ROOMS`. People are added by each row under a name of its own; the stranger is
//! signed in anew before each. The rows run one after the other in one server, alone in this process, because memory is
//! counted.

mod malice;

use waybill_tests::street::{Attack, Street};

const ROOMS: &[&[Attack]] = &[
    malice::bytes::ATTACKS,
    malice::places::ATTACKS,
    malice::claims::ATTACKS,
    malice::cursors::ATTACKS,
    malice::ids::ATTACKS,
    malice::floods::ATTACKS,
    // Its last rows leave the most behind.
    malice::silence::ATTACKS,
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_one_does_others_notice_nothing_and_it_costs_a_stated_amount() {
    let mut street = Street::new().await;
    let mut wrong = Vec::new();
    for attack in ROOMS.iter().copied().flatten() {
        if let Err(error) = street.suffers(attack).await {
            wrong.push(format!("{error:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    street.ends_well().await;
}
