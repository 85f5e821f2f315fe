//! The server's own word for where a device stands in the log is the one thing that it believes of it, and once.

use waybill_server::proof::Proofs;
use waybill_shared::{chain::Cursor, doc::Hash, id::CompanyId, protocol::frame::Next, rules::roles::Role};
use waybill_tests::{
    peer::Peer,
    serving::Serving,
    stand::{epoch, greets, says, stands},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_word_for_a_position_that_is_gone_is_evidence_once() {
    let serving = Serving::start().await.unwrap();
    let mut tokens = Vec::new();
    for (seed, name) in (1..).zip(["ana", "ben"]) {
        serving.add_person(name, Role::Manager).await.unwrap();
        tokens.push(Peer::sign_in(&serving.socket(), name, seed).await.unwrap().token);
    }
    let welcomed = async |token: &[u8], cursor, proof: &[u8]| {
        let (_wire, welcome) =
            greets(&serving, says(token, Some(cursor), Some(proof.to_vec()))).await.unwrap();
        (welcome.next, welcome.proof)
    };
    let [ana, ben] = &tokens[..] else { panic!("two devices") };
    let (number, _) = epoch(&serving).await.unwrap();
    let pool = &serving.server.app().pool;
    let company: uuid::Uuid =
        sqlx::query_scalar("select id from sync.company").fetch_one(pool).await.unwrap();
    let proofs = Proofs::load(pool, CompanyId::new(company)).await.unwrap();
    let (head, _) = stands(&serving, ana).await.unwrap();
    let gone = Cursor { pos: head.pos + 3, chain: Hash([5; 32]) };
    let before = u64::try_from(number).unwrap();
    // Given by a server on this database before it lost its end.
    let given = proofs.of(before, gone);
    assert_eq!(welcomed(ana, gone, &given).await.0, Next::Reset);
    let noticed = epoch(&serving).await.unwrap();
    assert!(noticed.0 > number && noticed.1, "the log is another one, and numbers wait: {noticed:?}");

    // Old news, whoever brings it.
    for token in [ana, ben] {
        assert_eq!(welcomed(token, gone, &given).await.0, Next::Reset);
        assert_eq!(epoch(&serving).await.unwrap(), noticed, "noticed once");
    }
    // That an epoch began may have been lost with the log, too: what was proven in it is news, and once.
    let later = u64::try_from(noticed.0).unwrap() + 1_000_000_000;
    for _ in 0..2 {
        assert_eq!(welcomed(ana, gone, &proofs.of(later, gone)).await.0, Next::Reset);
    }
    assert_eq!(epoch(&serving).await.unwrap().0, i64::try_from(later).unwrap() + 1);

    // What stands is proven anew to whoever comes with an old word, and not to whoever has the newest.
    let (stands, proof) = stands(&serving, ana).await.unwrap();
    assert_eq!(welcomed(ana, stands, &proofs.of(before, stands)).await, (Next::Nothing, Some(proof.clone())));
    assert_eq!(welcomed(ana, stands, &proof).await, (Next::Nothing, None));
}
