# Kindred: the few commands a developer needs. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test soak bench fmt watch prepare screenshots clean-data

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: ## build, start on http://localhost:3000 with its own database and the demo practice
	@scripts/run

test: ## formatting, lints, unit, database and HTTP tests, then the browser tests
	@scripts/test

soak: ## the suite's checks at full size: races, kills, generated files and sequences
	@scripts/soak $(SECTION)

bench: ## measure the server under load
	@scripts/bench

fmt: ## format the Rust code
	@. scripts/env.sh && cargo fmt

watch: ## rebuild and restart whenever a file changes
	@scripts/watch

prepare: ## write .sqlx again, after a change of a query or of the schema
	@scripts/prepare

screenshots: ## take the README's pictures from the running demo
	@cd end2end && node screenshots.mjs

clean-data: ## throw away the database of `make run`
	@scripts/clean-data
