-- What managers decided of held edits: who, when, why.
create table sync.review (
    edit     uuid primary key,
    -- The log position of the verdict it led to.
    pos      bigint not null unique,
    decision text   not null check (decision in ('accept', 'reverse', 'discard')),
    reviewer uuid   not null,
    reason   text   not null,
    at       timestamptz not null
);

-- What waits for a manager. Edits that are not held never touch it.
create index edit_held on sync.edit (device, pos) where verdict = 'held';

-- Held money and goods: rows of their own, in no revenue, there as long as the edit is held.
create table report.held_payments (
    edit_id      uuid not null,
    payment_id   uuid not null,
    order_id     uuid not null,
    taken_at     timestamptz not null,
    business_day date not null,
    month        date not null,
    person_id    uuid not null,
    device_id    uuid not null,
    counter_sale boolean not null,
    method       text not null,
    state        text not null,
    amount       numeric not null,
    currency     text not null,
    reference    text,
    primary key (edit_id, payment_id)
);
comment on table report.held_payments is 'Money taken by entries that wait for a manager''s review. In no other table, and in no revenue, until one accepts them.';
comment on column report.held_payments.edit_id is 'The entry, as `waybill-server held list` names it.';
comment on column report.held_payments.payment_id is 'The id that the payment will have in report.payments.';
comment on column report.held_payments.order_id is 'The order it is said to be for. It may not be there.';
comment on column report.held_payments.taken_at is 'When, by the device''s corrected clock.';
comment on column report.held_payments.business_day is 'Business day it would be booked on.';
comment on column report.held_payments.month is 'Booking month, as its first day.';
comment on column report.held_payments.person_id is 'Who took it.';
comment on column report.held_payments.device_id is 'The device it came from.';
comment on column report.held_payments.counter_sale is 'Part of a counter sale; cash is what was kept after giving change.';
comment on column report.held_payments.method is 'cash, card, transfer, voucher or other.';
comment on column report.held_payments.state is 'pending, authorised, taken or failed.';
comment on column report.held_payments.amount is 'Below zero when money was given back.';
comment on column report.held_payments.currency is 'ISO 4217.';
comment on column report.held_payments.reference is 'The terminal''s or bank''s own reference.';

create table report.held_goods (
    edit_id      uuid not null,
    fact_id      uuid not null,
    line_id      uuid not null,
    order_id     uuid not null,
    what         text not null check (what in ('handed_over', 'sold')),
    happened_at  timestamptz not null,
    business_day date not null,
    month        date not null,
    person_id    uuid not null,
    device_id    uuid not null,
    product_id   uuid,
    name         text not null,
    quantity     numeric not null,
    unit         text not null,
    currency     text,
    gross        numeric,
    primary key (edit_id, fact_id, line_id)
);
comment on table report.held_goods is 'Goods handed over or sold by entries that wait for a manager''s review: they count as gone. In no other table, and in no revenue, until a manager accepts them.';
comment on column report.held_goods.edit_id is 'The entry, as `waybill-server held list` names it.';
comment on column report.held_goods.fact_id is 'The hand-over or sale.';
comment on column report.held_goods.line_id is 'The line of the order or sale.';
comment on column report.held_goods.order_id is 'The order it is said to be of, or the sale itself.';
comment on column report.held_goods.what is 'handed_over or sold.';
comment on column report.held_goods.happened_at is 'When, by the device''s corrected clock.';
comment on column report.held_goods.business_day is 'Business day it would be booked on.';
comment on column report.held_goods.month is 'Booking month, as its first day.';
comment on column report.held_goods.person_id is 'Who handed over or sold.';
comment on column report.held_goods.device_id is 'The device it came from.';
comment on column report.held_goods.product_id is 'The product, where the entry names it.';
comment on column report.held_goods.name is 'As its author saw it; empty where the entry does not say.';
comment on column report.held_goods.quantity is 'In whole units: 1.5 is one and a half kilograms.';
comment on column report.held_goods.unit is 'piece, kilogram, metre, litre or hour.';
comment on column report.held_goods.currency is 'ISO 4217; empty where the entry does not say what it is worth.';
comment on column report.held_goods.gross is 'What it is worth with tax, as its author saw it.';

create view report.held_money_by_day as
    select business_day, person_id, coalesce(p.name, person_id::text) as person, device_id, method, currency,
           count(*) as payments, sum(amount) as amount
    from report.held_payments left join report.people p using (person_id)
    where state = 'taken'
    group by business_day, person_id, p.name, device_id, method, currency;
comment on view report.held_money_by_day is 'Held money by day, who took it and where: what is in a drawer and not in the books.';
