-- Since when the public board is frozen 封榜, on the contest's clock; null while it is not. Results wait for the thaw.
alter table session add column frozen_us bigint check (frozen_us > 0);
