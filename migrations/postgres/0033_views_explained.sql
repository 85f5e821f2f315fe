-- Every column of every view says what it is, too: as its table's column does, or in words of its own.
do $$
declare
    one record;
begin
    for one in
        select c.relname as view, a.attname as name,
               coalesce(
                   own.words,
                   (select col_description(base.oid, b.attnum)
                    from unnest(array[
                             case when c.relname = 'held_money_by_day' then 'held_payments' end,
                             case when c.relname = 'order_line_details' then 'order_lines' else 'revenue' end,
                             'orders', 'customers']) with ordinality as t (name, nth)
                    join pg_class base on base.relname = t.name and base.relnamespace = c.relnamespace
                    join pg_attribute b on b.attrelid = base.oid and b.attname = a.attname and b.attnum > 0
                    order by t.nth limit 1)) as words
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join (values
            ('order_number',    'The number people use for its order.'),
            ('product_number',  'The product''s number now; empty for free text.'),
            ('product',         'The product''s name now; empty for free text.'),
            ('category',        'The product''s category now; empty for free text.'),
            ('customer',        'The customer''s name now, or the one given with the order; empty for an anonymous sale.'),
            ('location',        'The name of the shop, warehouse or van.'),
            ('salesperson',     'The name of who made the sale.'),
            ('person',          'The name of who took it.'),
            ('payments',        'How many payments.'),
            ('amount',          'Sum of them; below zero when more was given back than taken.'),
            ('placed_net',      'Placed, as later changed and cancelled, without tax.'),
            ('placed_gross',    'Placed, as later changed and cancelled, with tax.'),
            ('delivered_net',   'Handed over or sold, without tax.'),
            ('delivered_gross', 'Handed over or sold, with tax.'),
            ('paid_net',        'Paid, without the tax in it.'),
            ('paid_gross',      'Paid, with the tax in it.')
        ) as own (name, words) on own.name = a.attname
        where c.relnamespace = 'report'::regnamespace and c.relkind = 'v'
          and col_description(c.oid, a.attnum) is null
    loop
        if one.words is not null then
            execute format('comment on column report.%I.%I is %L', one.view, one.name, one.words);
        end if;
    end loop;
end
$$;
