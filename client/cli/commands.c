/* The table of commands. One row is all that a command needs to be found, helped with, completed
 * and run. Rows of a group stand together. */

#include "client/cli/command.h"

#define WRITE_OPTIONS OPT_REQUEST_ID, OPT_DRY_RUN
#define TYPE_OPTIONS                                                                               \
    OPT_LIMIT, OPT_PRIORITY, OPT_MIN_LENGTH, OPT_MATCH, OPT_MERGE, OPT_MERGE_PROVENANCE, OPT_VETO, \
        OPT_BLOCKED, OPT_PATTERN, OPT_ROLE_MAILBOXES, OPT_IGNORE_DOTS, OPT_IGNORE_TAG,             \
        OPT_RULE_VERSION

const enum cli_option common_options[] = {OPT_SERVER, OPT_WORKSPACE, OPT_OUTPUT, OPT_TIMEOUT, 0};

const struct command commands[] = {
    {
        .name = "profile create",
        .summary = "Make a profile",
        .example = "profilectl profile create --name 'Nora Salem' \\\n      --identity "
                   "email:nora@example.org --attribute city=Riyadh",
        .options = {OPT_NAME, OPT_IDENTITY, OPT_ATTRIBUTE, OPT_SOURCE, OPT_REGION, OPT_PROVENANCE,
                    OPT_TIME, OPT_JSON, WRITE_OPTIONS},
        .run = profile_create,
    },
    {
        .name = "profile get",
        .summary = "Answer with profiles by id",
        .words = "ID...",
        .example = "profilectl profile get 019ab1c8-cc80-7800-8000-000000000001 --output json",
        .options = {OPT_SHOW_DELETED},
        .words_min = 1,
        .words_max = POSITIONALS_MAX,
        .run = profile_get,
    },
    {
        .name = "profile show",
        .summary = "Show one customer: who it is, and the latest interactions",
        .words = "ID|TYPE:VALUE",
        .example = "profilectl profile show 'phone:٠٥٤٥٤٦٢٣٥٦' --region SA",
        .options = {OPT_SHOW_DELETED, OPT_REGION},
        .words_min = 1,
        .words_max = 1,
        .run = profile_show,
    },
    {
        .name = "profile list",
        .summary = "List profiles",
        .example =
            "profilectl profile list --filter 'attributes.city = \"Riyadh\"' \\\n      --limit 20",
        .options = {OPT_FILTER, OPT_ORDER_BY, OPT_LIMIT, OPT_ALL, OPT_PAGE_TOKEN, OPT_SHOW_DELETED},
        .run = profile_list,
    },
    {
        .name = "profile lookup",
        .summary = "Find the profile of an identity",
        .words = "TYPE:VALUE",
        .example = "profilectl profile lookup phone:0501234567 --region SA",
        .options = {OPT_REGION},
        .words_min = 1,
        .words_max = 1,
        .run = profile_lookup,
    },
    {
        .name = "profile update",
        .summary = "Change a profile's name and attributes",
        .words = "ID",
        .example = "profilectl profile update 019ab1c8-cc80-7800-8000-000000000001 \\\n      "
                   "--attribute city=Jeddah --clear job",
        .options = {OPT_NAME, OPT_ATTRIBUTE, OPT_CLEAR, OPT_SOURCE, OPT_TIME, OPT_JSON, OPT_ETAG,
                    WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = profile_update,
    },
    {
        .name = "profile delete",
        .summary = "Delete a profile; it can be brought back",
        .words = "ID",
        .example = "profilectl profile delete 019ab1c8-cc80-7800-8000-000000000001",
        .options = {OPT_ETAG, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = profile_delete,
    },
    {
        .name = "profile undelete",
        .summary = "Bring a deleted profile back",
        .words = "ID",
        .example = "profilectl profile undelete 019ab1c8-cc80-7800-8000-000000000001",
        .options = {OPT_ETAG, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = profile_undelete,
    },
    {
        .name = "identity resolve",
        .summary = "Tell a record: whose is it? Links, merges or makes the profile",
        .example = "profilectl identity resolve --identity email:nora@example.org \\\n      "
                   "--identity phone:0501234567 --region SA --dry-run",
        .options = {OPT_NAME, OPT_IDENTITY, OPT_ATTRIBUTE, OPT_SOURCE, OPT_REGION, OPT_PROVENANCE,
                    OPT_TIME, OPT_JSON, OPT_SHOW_PROFILE, WRITE_OPTIONS},
        .run = identity_resolve,
    },
    {
        .name = "identity link",
        .summary = "Add an identity to a profile",
        .words = "ID TYPE:VALUE",
        .example = "profilectl identity link 019ab1c8-cc80-7800-8000-000000000001 \\\n      "
                   "twitter:@nora_example",
        .options = {OPT_REGION, OPT_PROVENANCE, OPT_SOURCE, WRITE_OPTIONS},
        .words_min = 2,
        .words_max = 2,
        .run = identity_link,
    },
    {
        .name = "identity unlink",
        .summary = "Take an identity from a profile",
        .words = "ID TYPE:VALUE",
        .example = "profilectl identity unlink 019ab1c8-cc80-7800-8000-000000000001 \\\n      "
                   "email:nora@example.org",
        .options = {OPT_REGION, WRITE_OPTIONS},
        .words_min = 2,
        .words_max = 2,
        .run = identity_unlink,
    },
    {
        .name = "identity merge",
        .summary = "Merge two profiles of one person; the older one survives",
        .words = "ID OTHER-ID",
        .example = "profilectl identity merge 019ab1c8-cc80-7800-8000-000000000001 \\\n      "
                   "019ab1c8-cc80-7800-8000-000000000002 --dry-run",
        .options = {WRITE_OPTIONS},
        .words_min = 2,
        .words_max = 2,
        .run = identity_merge,
    },
    {
        .name = "identity explain",
        .summary = "Tell how a profile came to be one: records, merges and why",
        .words = "ID|TYPE:VALUE",
        .example = "profilectl identity explain 'phone:٠٥٤٥٤٦٢٣٥٦' --region SA",
        .options = {OPT_REGION, OPT_LIMIT, OPT_ALL, OPT_PAGE_TOKEN},
        .words_min = 1,
        .words_max = 1,
        .run = identity_explain,
    },
    {
        .name = "identity why-not",
        .summary = "Tell why two are one profile, or why not: two ids, or a record",
        .words = "[ID [OTHER-ID]]",
        .example = "profilectl identity why-not 019ab1c8-cc80-7800-8000-000000000001 \\\n      "
                   "--identity email:nora@example.org --name 'Nora Salem'",
        .options = {OPT_NAME, OPT_IDENTITY, OPT_ATTRIBUTE, OPT_SOURCE, OPT_REGION, OPT_PROVENANCE,
                    OPT_TIME, OPT_JSON},
        .words_max = 2,
        .run = identity_why_not,
    },
    {
        .name = "identity types",
        .summary = "List the identity types and their rules",
        .example = "profilectl identity types",
        .options = {OPT_RULES},
        .run = identity_types,
    },
    {
        .name = "identity types list",
        .summary = "List them; `identity types` is short for it",
        .example = "profilectl identity types list --rules 1",
        .options = {OPT_RULES},
        .run = identity_types,
    },
    {
        .name = "identity types create",
        .summary = "Make an identity type of your own",
        .words = "TYPE",
        .example = "profilectl identity types create loyalty_card --normalizer digits \\\n      "
                   "--limit 1 --min-length 8",
        .options = {OPT_NORMALIZER, TYPE_OPTIONS, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = identity_types_create,
    },
    {
        .name = "identity types update",
        .summary = "Change the rules of an identity type",
        .words = "TYPE",
        .example = "profilectl identity types update email --limit 3 \\\n      --veto "
                   "birth_date,given_name",
        .options = {OPT_NORMALIZER, TYPE_OPTIONS, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = identity_types_update,
    },
    {
        .name = "identity types disable",
        .summary = "Keep what comes of an identity type as contact data",
        .words = "TYPE",
        .example = "profilectl identity types disable genesys",
        .options = {OPT_RULE_VERSION, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = identity_types_disable,
    },
    {
        .name = "identity types enable",
        .summary = "Use a disabled identity type again",
        .words = "TYPE",
        .example = "profilectl identity types enable genesys",
        .options = {OPT_RULE_VERSION, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = identity_types_enable,
    },
    {
        .name = "attribute list",
        .summary = "List the attributes of profiles, and which values survive",
        .example = "profilectl attribute list",
        .run = attribute_list,
    },
    {
        .name = "attribute update",
        .summary = "Change which values of an attribute survive, from now on",
        .words = "NAME",
        .example = "profilectl attribute update city --survivorship trusted_source \\\n      "
                   "--trusted crm,pos",
        .options = {OPT_SURVIVORSHIP, OPT_TRUSTED, OPT_SCHEMA_VERSION, WRITE_OPTIONS},
        .words_min = 1,
        .words_max = 1,
        .run = attribute_update,
    },
    {
        .name = "interaction record",
        .summary = "Record what somebody did or said",
        .example =
            "profilectl interaction record --identity whatsapp:+966501234567 \\\n      "
            "--source chat --channel whatsapp --direction inbound \\\n      --text 'Where is "
            "my order?'",
        .options = {OPT_PROFILE,  OPT_IDENTITY,  OPT_NAME,      OPT_REGION,       OPT_SOURCE,
                    OPT_EVENT_ID, OPT_TIME,      OPT_CHANNEL,   OPT_DIRECTION,    OPT_TEXT,
                    OPT_THEME,    OPT_SUB_THEME, OPT_SENTIMENT, OPT_CONVERSATION, OPT_ACTIVITY,
                    OPT_PROPERTY, OPT_AMOUNT,    OPT_CURRENCY,  OPT_SURVEY,       OPT_ANSWER,
                    OPT_JSON,     WRITE_OPTIONS},
        .run = interaction_record,
    },
    {
        .name = "interaction list",
        .summary = "List a profile's interactions, the latest first",
        .words = "ID",
        .example = "profilectl interaction list 019ab1c8-cc80-7800-8000-000000000001 --limit 20",
        .options = {OPT_LIMIT, OPT_ALL, OPT_PAGE_TOKEN},
        .words_min = 1,
        .words_max = 1,
        .run = interaction_list,
    },
    {
        .name = "import",
        .summary = "Import records from a CSV or NDJSON file; - is standard input",
        .words = "FILE",
        .example = "profilectl import customers.csv --map 'Full name=name' \\\n      --map "
                   "Mobile=identity.phone --region SA --verdicts verdicts.ndjson",
        .options = {OPT_MAP, OPT_MAP_FILE, OPT_REGION, OPT_DELIMITER, OPT_FORMAT, OPT_IMPORT_ID,
                    OPT_POLICY, OPT_DRY_RUN, OPT_VERDICTS, OPT_SOURCE, OPT_BATCH, OPT_NO_HEADER},
        .words_min = 1,
        .words_max = 1,
        .run = import_file,
    },
    {
        .name = "health",
        .summary = "Ask the server whether it serves",
        .example = "profilectl health --server 127.0.0.1:50051",
        .options = {OPT_WATCH},
        .run = server_health,
    },
    {
        .name = "completion",
        .summary = "Print a completion script for a shell: bash, zsh or fish",
        .words = "SHELL",
        .example = "source <(profilectl completion bash)",
        .words_min = 1,
        .words_max = 1,
        .run = completion_print,
    },
    {
        .name = "version",
        .summary = "Print the versions",
        .example = "profilectl version",
        .run = version_print,
    },
};

const size_t command_count = sizeof commands / sizeof commands[0];
