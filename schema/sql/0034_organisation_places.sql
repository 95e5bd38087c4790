-- Everything under an organisation, whatever its level: who is there is counted without a look at the whole tree.
create index organisation_by_place on organisation using gin (places);
