-- Report tables for a BI tool: written in the same transaction as the log, so never behind what was accepted.
-- They are computed from documents alone; `waybill-server rebuild-reports` makes every row again.
--
-- Amounts are numeric(33,4): room for whatever a document can hold, since a fact is never refused for its
-- values. Status columns carry no index: an index there would make every change of status a new index entry.

create schema report;
comment on schema report is
    'Waybill''s reports, exact at every moment. Read them as a member of the role waybill_report. Table and column names and the words in them stay as they are; columns may be added.';

create table report.orders (
    order_id          uuid primary key,
    number            text not null,
    channel           text not null,
    location_id       uuid,
    customer_id       uuid,
    customer_name     text not null,
    salesperson_id    uuid,
    driver_id         uuid,
    currency          text not null,
    counter_sale      boolean not null,
    quotation         boolean not null,
    priority          text not null,
    delivery_postcode text,
    delivery_city     text,
    delivery_country  text,
    created_at        timestamptz,
    created_day       date,
    created_month     date,
    placed_day        date,
    placed_month      date,
    cancelled_day     date,
    wanted_date       date,
    status            text not null,
    agreed_status     text not null,
    fulfilment        text not null,
    money_status      text not null,
    disputed          boolean not null,
    dispute           text not null,
    lines             integer not null,
    net               numeric(33, 4) not null,
    tax               numeric(33, 4) not null,
    gross             numeric(33, 4) not null,
    due               numeric(33, 4) not null,
    paid              numeric(33, 4) not null,
    open              numeric(33, 4) not null
) with (fillfactor = 80);
create index orders_customer on report.orders (customer_id);

comment on table report.orders is 'One row per order and per counter sale, also drafts and cancelled ones.';
comment on column report.orders.order_id is 'The order''s id, the same on every device.';
comment on column report.orders.number is 'The number people use; of a counter sale the receipt number. Not unique by itself.';
comment on column report.orders.channel is 'Where it came from, as shop, phone, web, van.';
comment on column report.orders.location_id is 'The shop, warehouse or van that it belongs to.';
comment on column report.orders.customer_id is 'The customer; empty for an anonymous sale.';
comment on column report.orders.customer_name is 'The customer''s name as it was when the order was made.';
comment on column report.orders.salesperson_id is 'Who made the sale.';
comment on column report.orders.driver_id is 'Who is to deliver it.';
comment on column report.orders.currency is 'ISO 4217; of all amounts of the order.';
comment on column report.orders.counter_sale is 'A sale over the counter or from the van, delivered as it was made.';
comment on column report.orders.quotation is 'It was made as a quotation first.';
comment on column report.orders.priority is 'low, normal, high or urgent.';
comment on column report.orders.delivery_postcode is 'Where it goes to.';
comment on column report.orders.delivery_city is 'Where it goes to.';
comment on column report.orders.delivery_country is 'Where it goes to, ISO 3166 two letters.';
comment on column report.orders.created_at is 'When it was made, by the device''s corrected clock. Empty where only facts of it arrived.';
comment on column report.orders.created_day is 'Business day on which it was made.';
comment on column report.orders.created_month is 'Booking month in which it was made, as its first day.';
comment on column report.orders.placed_day is 'Business day on which it was last placed; empty if it never was.';
comment on column report.orders.placed_month is 'Booking month in which it was last placed, as its first day.';
comment on column report.orders.cancelled_day is 'Business day on which it was cancelled, if it is.';
comment on column report.orders.wanted_date is 'The day on which the customer wants it.';
comment on column report.orders.status is 'draft, quoted, placed, confirmed, cancelled, closed (all delivered and paid) or disputed (what happened contradicts what was agreed).';
comment on column report.orders.agreed_status is 'The status that the steps place, confirm and cancel alone lead to: draft, quoted, placed, confirmed or cancelled.';
comment on column report.orders.fulfilment is 'open, part_delivered or delivered.';
comment on column report.orders.money_status is 'unpaid, pending, part_paid, paid, overpaid or refunded.';
comment on column report.orders.disputed is 'Somebody must look at it.';
comment on column report.orders.dispute is 'Why it is disputed, in words.';
comment on column report.orders.lines is 'How many lines it has.';
comment on column report.orders.net is 'Sum of its lines without tax.';
comment on column report.orders.tax is 'Sum of its lines'' tax.';
comment on column report.orders.gross is 'Net plus tax.';
comment on column report.orders.due is 'What the customer owes for it before payments: gross; of a cancelled order what was delivered all the same, as each hand-over tells.';
comment on column report.orders.paid is 'Payments taken, less those given back or taken back.';
comment on column report.orders.open is 'due less paid; below zero when more was taken than is due.';

create table report.order_lines (
    order_id         uuid not null,
    line_id          uuid not null,
    position         bigint not null,
    product_id       uuid,
    name             text not null,
    quantity         numeric(22, 3) not null,
    unit             text not null,
    price            numeric(33, 4) not null,
    currency         text not null,
    discount_percent numeric(33, 4) not null,
    discount_amount  numeric(33, 4) not null,
    tax_class        text not null,
    tax_rate         numeric(33, 4) not null,
    tax_included     boolean not null,
    net              numeric(33, 4) not null,
    tax              numeric(33, 4) not null,
    gross            numeric(33, 4) not null,
    delivered        numeric(22, 3) not null,
    fulfilment       text not null,
    primary key (order_id, line_id)
) with (fillfactor = 80);

comment on table report.order_lines is 'The lines that count: not removed ones, and none of a counter sale that was taken back. Their amounts add up to their order''s.';
comment on column report.order_lines.order_id is 'Its order.';
comment on column report.order_lines.line_id is 'The line''s id, the same on every device.';
comment on column report.order_lines.position is 'Lines of an order are listed by position, then line_id.';
comment on column report.order_lines.product_id is 'The product; empty for free text.';
comment on column report.order_lines.name is 'The product''s name when the line was made, or the free text.';
comment on column report.order_lines.quantity is 'In whole units: 1.5 is one and a half kilograms.';
comment on column report.order_lines.unit is 'piece, kilogram, metre, litre or hour.';
comment on column report.order_lines.price is 'Per whole unit.';
comment on column report.order_lines.currency is 'ISO 4217.';
comment on column report.order_lines.discount_percent is 'Percent off the line, or 0.';
comment on column report.order_lines.discount_amount is 'Amount off the whole line, or 0.';
comment on column report.order_lines.tax_class is 'The tax class in Settings.';
comment on column report.order_lines.tax_rate is 'In percent, as it was when the line was made.';
comment on column report.order_lines.tax_included is 'The price includes the tax.';
comment on column report.order_lines.net is 'Quantity times price less discount, without tax; rounded to the coin, half away from zero.';
comment on column report.order_lines.tax is 'Tax of the line, rounded the same way.';
comment on column report.order_lines.gross is 'Net plus tax.';
comment on column report.order_lines.delivered is 'How much of it the customer has, in whole units.';
comment on column report.order_lines.fulfilment is 'open, part_delivered or delivered.';

create table report.payments (
    order_id     uuid not null,
    payment_id   uuid not null,
    taken_at     timestamptz not null,
    business_day date not null,
    month        date not null,
    person_id    uuid not null,
    counter_sale boolean not null,
    method       text not null,
    state        text not null,
    amount       numeric(33, 4) not null,
    currency     text not null,
    reference    text,
    reversed     boolean not null,
    reversed_day date,
    primary key (order_id, payment_id)
);

comment on table report.payments is 'One row per payment, also failed ones and those that were taken back.';
comment on column report.payments.order_id is 'The order it was paid on.';
comment on column report.payments.payment_id is 'The id of the fact.';
comment on column report.payments.taken_at is 'When, by the device''s corrected clock.';
comment on column report.payments.business_day is 'Business day it is booked on.';
comment on column report.payments.month is 'Booking month, as its first day.';
comment on column report.payments.person_id is 'Who took it.';
comment on column report.payments.counter_sale is 'Part of a counter sale; cash is what was kept after giving change.';
comment on column report.payments.method is 'cash, card, transfer, voucher or other.';
comment on column report.payments.state is 'pending, authorised, taken or failed. Only taken in the currency of the order counts as paid.';
comment on column report.payments.amount is 'Below zero when money was given back.';
comment on column report.payments.currency is 'ISO 4217.';
comment on column report.payments.reference is 'The terminal''s or bank''s own reference.';
comment on column report.payments.reversed is 'It was taken back and counts no more.';
comment on column report.payments.reversed_day is 'Business day on which it was taken back.';

create table report.revenue (
    order_id     uuid not null,
    measure      text not null check (measure in ('placed', 'delivered', 'paid')),
    cause_id     uuid not null,
    line_key     uuid not null,
    line_id      uuid generated always as (nullif(line_key, '00000000-0000-0000-0000-000000000000'::uuid)) stored,
    business_day date not null,
    month        date not null,
    product_id   uuid,
    quantity     numeric(22, 3) not null,
    currency     text not null,
    net          numeric(33, 4) not null,
    tax          numeric(33, 4) not null,
    gross        numeric(33, 4) not null,
    takes_back   boolean not null,
    primary key (order_id, measure, cause_id, line_key)
);

comment on table report.revenue is
    'The revenue ledger: one entry per line and cause, in three measures that must not be added to each other. placed: the lines as they were when the order was placed, on the day of that; the difference that a later change of a line made, on the day of the change; and all of it less on the day it was cancelled (counter sales are not placed). An entry of a day is not changed by what comes later. delivered: what was handed over or sold, parts of a line adding up to the line to the cent, and as much less on the day it was taken back. paid: each payment taken, shared over the order''s lines to the cent by largest remainder, first on what is open.';
comment on column report.revenue.order_id is 'Its order.';
comment on column report.revenue.measure is 'placed, delivered or paid.';
comment on column report.revenue.cause_id is 'The step, line change, hand-over, sale, payment or taking back that it is booked for.';
comment on column report.revenue.line_key is 'line_id, or all zeros where there is none; for the key only.';
comment on column report.revenue.line_id is 'The order line; empty for a payment that no line can bear.';
comment on column report.revenue.business_day is 'Business day it is booked on.';
comment on column report.revenue.month is 'Booking month, as its first day. May differ from the day''s own month for what came after that was closed.';
comment on column report.revenue.product_id is 'The product; empty for free text.';
comment on column report.revenue.quantity is 'In whole units; below zero where it takes back. 0 for payments and for changes of price alone.';
comment on column report.revenue.currency is 'ISO 4217.';
comment on column report.revenue.net is 'Without tax.';
comment on column report.revenue.tax is 'The tax.';
comment on column report.revenue.gross is 'Net plus tax.';
comment on column report.revenue.takes_back is 'It takes back an earlier entry or a part of one: a cancellation, a reversal, a line taken off or made worth less.';

create table report.products (
    product_id uuid primary key,
    number     text not null,
    name       text not null,
    category   text not null,
    unit       text not null,
    tax_class  text not null,
    retired    boolean not null
);
comment on table report.products is 'The catalogue.';
comment on column report.products.product_id is 'The product''s id.';
comment on column report.products.number is 'Article number.';
comment on column report.products.name is 'Its name now.';
comment on column report.products.category is 'Its category now.';
comment on column report.products.unit is 'piece, kilogram, metre, litre or hour.';
comment on column report.products.tax_class is 'The tax class in Settings.';
comment on column report.products.retired is 'No longer sold.';

create table report.customers (
    customer_id    uuid primary key,
    number         text not null,
    name           text not null,
    customer_group text not null,
    postcode       text,
    city           text,
    country        text,
    retired        boolean not null
);
comment on table report.customers is 'The customers.';
comment on column report.customers.customer_id is 'The customer''s id.';
comment on column report.customers.number is 'Customer number.';
comment on column report.customers.name is 'The name now.';
comment on column report.customers.customer_group is 'The group the business puts the customer in.';
comment on column report.customers.postcode is 'Of the main address.';
comment on column report.customers.city is 'Of the main address.';
comment on column report.customers.country is 'Of the main address, ISO 3166 two letters.';
comment on column report.customers.retired is 'No longer a customer.';

create table report.locations (
    location_id uuid primary key,
    code        text not null,
    name        text not null,
    kind        text not null,
    closed      boolean not null
);
comment on table report.locations is 'Shops, warehouses, vans and offices.';
comment on column report.locations.location_id is 'The location''s id.';
comment on column report.locations.code is 'Its short code.';
comment on column report.locations.name is 'Its name.';
comment on column report.locations.kind is 'shop, warehouse, van or office.';
comment on column report.locations.closed is 'No longer in use.';

create view report.people as
    select id as person_id, display_name as name, revoked_at is not null as left_us from account.person;
comment on view report.people is 'People who work or worked here: names only.';
comment on column report.people.person_id is 'The person''s id.';
comment on column report.people.name is 'The name shown.';
comment on column report.people.left_us is 'May no longer sign in.';

create view report.order_line_details as
    select l.*, p.number as product_number, p.category, o.number as order_number, o.channel, o.location_id,
           o.customer_id, o.customer_name, o.salesperson_id, o.created_day, o.placed_day, o.status
    from report.order_lines l
    join report.orders o using (order_id)
    left join report.products p using (product_id);
comment on view report.order_line_details is 'Order lines with their product''s category and what matters of their order.';

create view report.revenue_details as
    select r.order_id, r.measure, r.cause_id, r.line_id, r.business_day, r.month, r.quantity, r.currency,
           r.net, r.tax, r.gross, r.takes_back,
           o.number as order_number, o.channel,
           o.customer_id, coalesce(c.name, nullif(o.customer_name, '')) as customer, c.customer_group,
           o.location_id, l.name as location,
           o.salesperson_id, s.name as salesperson,
           r.product_id, p.number as product_number, p.name as product, nullif(p.category, '') as category
    from report.revenue r
    join report.orders o using (order_id)
    left join report.products p on p.product_id = r.product_id
    left join report.customers c on c.customer_id = o.customer_id
    left join report.locations l on l.location_id = o.location_id
    left join report.people s on s.person_id = o.salesperson_id;
comment on view report.revenue_details is 'The revenue ledger with everything it can be grouped by.';

create view report.revenue_by_day as
    select business_day, currency,
           coalesce(sum(net)   filter (where measure = 'placed'), 0)    as placed_net,
           coalesce(sum(gross) filter (where measure = 'placed'), 0)    as placed_gross,
           coalesce(sum(net)   filter (where measure = 'delivered'), 0) as delivered_net,
           coalesce(sum(gross) filter (where measure = 'delivered'), 0) as delivered_gross,
           coalesce(sum(net)   filter (where measure = 'paid'), 0)      as paid_net,
           coalesce(sum(gross) filter (where measure = 'paid'), 0)      as paid_gross
    from report.revenue group by business_day, currency;
comment on view report.revenue_by_day is 'Revenue by business day: placed as changed and cancelled, delivered or sold, paid; net and gross.';

create view report.revenue_by_month as
    select month, currency,
           coalesce(sum(net)   filter (where measure = 'placed'), 0)    as placed_net,
           coalesce(sum(gross) filter (where measure = 'placed'), 0)    as placed_gross,
           coalesce(sum(net)   filter (where measure = 'delivered'), 0) as delivered_net,
           coalesce(sum(gross) filter (where measure = 'delivered'), 0) as delivered_gross,
           coalesce(sum(net)   filter (where measure = 'paid'), 0)      as paid_net,
           coalesce(sum(gross) filter (where measure = 'paid'), 0)      as paid_gross
    from report.revenue group by month, currency;
comment on view report.revenue_by_month is 'Revenue by booking month (its first day), in the measures of revenue_by_day.';

-- The same by month and what else there is to ask for. Sum over months for longer times.
do $$
declare
    dimension record;
begin
    for dimension in
        select * from (values
            ('product',     'product_id, product_number, product, category'),
            ('category',    'category'),
            ('customer',    'customer_id, customer, customer_group'),
            ('channel',     'channel'),
            ('location',    'location_id, location'),
            ('salesperson', 'salesperson_id, salesperson')
        ) as d (name, columns)
    loop
        execute format(
            'create view report.revenue_by_%1$s as
             select month, %2$s, currency,
                    coalesce(sum(net)   filter (where measure = ''placed''), 0)    as placed_net,
                    coalesce(sum(gross) filter (where measure = ''placed''), 0)    as placed_gross,
                    coalesce(sum(net)   filter (where measure = ''delivered''), 0) as delivered_net,
                    coalesce(sum(gross) filter (where measure = ''delivered''), 0) as delivered_gross,
                    coalesce(sum(net)   filter (where measure = ''paid''), 0)      as paid_net,
                    coalesce(sum(gross) filter (where measure = ''paid''), 0)      as paid_gross
             from report.revenue_details group by month, %2$s, currency',
            dimension.name, dimension.columns);
        execute format(
            'comment on view report.revenue_by_%1$s is %2$L',
            dimension.name,
            'Revenue by booking month and ' || dimension.name || ', in the measures of revenue_by_day.');
    end loop;
end
$$;

-- Who reports: a role without password that the administrator gives to the BI tool's own login, as
--   create role metabase login password '…' in role waybill_report;
-- Roles belong to the whole cluster and may be made by another database's first start at the same time.
do $$
begin
    if not exists (select from pg_roles where rolname = 'waybill_report') then
        create role waybill_report nologin;
    end if;
exception
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise notice 'The role waybill_report was not made: an administrator has to do it, and grant it usage on schema report and select on its tables.';
end
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'waybill_report') then
        grant usage on schema report to waybill_report;
        grant select on all tables in schema report to waybill_report;
        alter default privileges in schema report grant select on tables to waybill_report;
    end if;
end
$$;
