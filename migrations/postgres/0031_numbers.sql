-- A product's and a customer's number is nobody else's: how two are compared, and found.

create function report.number_key(number text) returns text
    language sql immutable strict parallel safe
    return lower(btrim(number, E' \t\r\n') collate "C");
comment on function report.number_key(text) is
    'A number as two are compared: blanks around it and the case of plain letters make no other one.';

create index products_number on report.products (report.number_key(number));
create index customers_number on report.customers (report.number_key(number));
