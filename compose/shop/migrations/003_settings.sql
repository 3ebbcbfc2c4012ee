create table settings (
    name  text primary key,
    value text not null
);

insert into settings (name, value) values ('announcement', '');
