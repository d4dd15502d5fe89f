#!/bin/sh
# Writes the expected outputs of corpus/*.sql by playing them on a real PostgreSQL 15 (locale C, UTC) that psql reaches
# with the usual PG* variables. Its database is emptied before each file.
# prepared.sql wants max_prepared_transactions = 10, the others are played with what is without being set.
cd "$(dirname "$0")/corpus" || exit 1
for file in *.sql; do
  psql -X -q -c 'set client_min_messages = error' -c 'drop schema public cascade' -c 'create schema public'
  PGTZ=UTC PGOPTIONS='-c datestyle=iso' psql -X -a -A -v VERBOSITY=verbose <"$file" 2>&1 | grep -v -E '^(LOCATION|(SCHEMA|TABLE|COLUMN|CONSTRAINT|DATATYPE) NAME):' >"${file%.sql}.out"
done
