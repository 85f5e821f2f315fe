//! A backup from before documents had scopes, put back by a program that knows them.

mod company;

use company::{Cluster, number, text};
use sqlx::{Executor, raw_sql};
use waybill_server::{backup, check::check};

const DIGESTS: &str =
    "select string_agg(scope || ' ' || encode(sum, 'hex'), E'\n' order by scope) from sync.digest";
const SCOPES: &str = "select string_agg(distinct array_to_string(scopes, ' '), E'\n') from sync.document";
const WITHOUT: &str = "select count(*) from sync.document where scopes = '{}'";

/// The tables as version 11 had them, with what it wrote.
const BEFORE_SCOPES: &str = "
    drop trigger named on account.person;
    drop trigger named on account.device;
    drop function account.named(), account.next_names_version(), account.name_all_again();
    alter table account.person drop column named;
    alter table account.device drop column named;
    drop trigger names_changed on report.locations;
    drop trigger names_changed_by_closing on report.locations;
    drop index account.enrolment_device;
    update sync.document set scope = case when scopes = '{office}' then 'office' else 'everyone' end;
    update sync.change c set scope = d.scope from sync.document d
        where (c.kind, c.id) = (d.kind, d.id);
    alter table sync.document drop column scopes, alter column scope set not null;
    alter table sync.change drop column scopes, drop column was, alter column scope set not null;
    delete from sync.digest;
    insert into sync.digest (scope, sum) 
        values ('office', decode(repeat('00', 16), 'hex')), ('everyone', decode(repeat('00', 16), 'hex'));
    drop trigger names_changed on account.enrolment;
    alter table account.enrolment drop column unlocked_at;
    alter table account.names_version drop column encrypt;
    create trigger names_changed after insert or update of ended_at
        on account.enrolment for each statement execute function account.names_changed();
    drop function report.number_key(text) cascade;
    alter table sync.edit drop column content, drop column content_of, drop column content_left, drop column given;
    alter table sync.feed drop column given;
    drop table account.proof;
    drop trigger names_changed_by_pace on account.device;
    alter table account.device drop column unpaced, drop column books_history, drop column clock_off;
    drop table sync.tables, sync.server, sync.server_work, sync.archive, sync.erasure,
        sync.attachment_claim, sync.attachment_part, sync.attachment_chunk, sync.attachment;
    alter table sync.document drop column opened, drop constraint document_pkey, add primary key (kind, id, generation);
    alter table sync.snapshot add column generation integer not null default 0, drop constraint snapshot_pkey,
        add primary key (kind, id, generation);
    alter table sync.snapshot alter column generation drop default;
    alter table sync.change drop column opens;
    delete from _sqlx_migrations where version > 11";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_back_from_before_there_were_scopes_has_them_and_agrees_with_itself() {
    let cluster = Cluster::start().await;
    let pool = cluster.corner().await;
    let before = (text(&pool, DIGESTS).await, text(&pool, SCOPES).await);
    assert!(before.1.contains("office location:"), "{}", before.1);
    pool.execute(raw_sql(BEFORE_SCOPES)).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("earlier.backup");
    backup::take(&pool, &file).await.unwrap();

    let fresh = cluster.database("put_back").await;
    let restored = backup::restore(&fresh, &backup::Source { file, erasures: None }).await.unwrap();
    assert!(restored.checked.wrong.is_empty(), "{}", restored.checked);
    assert!(restored.checked.documents > 0 && restored.rows > 0);
    assert_eq!(number(&fresh, WITHOUT).await, 0);
    assert_eq!((text(&fresh, DIGESTS).await, text(&fresh, SCOPES).await), before);

    // Where it was taken, the tables are brought up to date without a backup.
    waybill_server::database::migrate(&pool).await.unwrap();
    let checked = check(&pool).await.unwrap();
    assert!(checked.wrong.is_empty(), "{checked}");
    assert_eq!(text(&pool, DIGESTS).await, before.0);
}
