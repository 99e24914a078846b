#pragma once
/* Every option of profilectl, once: its key, its name, its argument, what it does. Commands say
 * which of them they take. */

#include <argp.h>

/* Each line: key, long name, short name or 0, argument or NULL, explanation. Two may have one name,
 * where it means something else to a command: none takes both. */
#define CLI_OPTIONS(X)                                                                             \
    X(SERVER, "server", 's', "ADDRESS", "The server, as 127.0.0.1:50051 or unix:PATH")             \
    X(WORKSPACE, "workspace", 'w', "NAME", "Whose data")                                           \
    X(OUTPUT, "output", 'o', "FORMAT", "table, json or ndjson")                                    \
    X(TIMEOUT, "timeout", 't', "SECONDS",                                                          \
      "How long a call may take, with its retries (10); or an import's server be silent (60)")     \
    X(NAME, "name", 'n', "NAME", "The person's name")                                              \
    X(IDENTITY, "identity", 'i', "TYPE:VALUE", "An identity; may be given several times")          \
    X(ATTRIBUTE, "attribute", 'a', "NAME=VALUE", "An attribute; may be given several times")       \
    X(CLEAR, "clear", 0, "NAME", "An attribute to clear; may be given several times")              \
    X(SOURCE, "source", 0, "NAME", "The system that it comes from")                                \
    X(EVENT_SOURCE, "source", 0, "NAME",                                                           \
      "The system that it comes from; needed where the JSON names none")                           \
    X(REGION, "region", 'r', "CC", "The country of national phone numbers, as SA")                 \
    X(PROVENANCE, "provenance", 0, "HOW", "verified, attested or inferred")                        \
    X(TIME, "time", 0, "TIME", "When it was so, as 2026-01-31T12:00:00Z")                          \
    X(ETAG, "etag", 0, "ETAG", "Refuse when somebody else has written since")                      \
    X(REQUEST_ID, "request-id", 0, "UUID", "The same id again gets the same answer")               \
    X(DRY_RUN, "dry-run", 0, NULL, "Say what would come of it and change nothing")                 \
    X(SHOW_DELETED, "show-deleted", 0, NULL, "Also deleted profiles")                              \
    X(SHOW_PROFILE, "show-profile", 0, NULL, "Also answer with the profile")                       \
    X(FILTER, "filter", 'f', "FILTER", "Which profiles, as 'attributes.city = \"Riyadh\"'")        \
    X(SEGMENT_FILTER, "filter", 'f', "FILTER", "Who is in it, as 'attributes.city = \"Riyadh\"'")  \
    X(CHANGE_FILTER, "filter", 'f', "FILTER",                                                      \
      "Only changes of these profiles, as 'attributes.city = \"Riyadh\"'")                         \
    X(TRAIT_FILTER, "filter", 'f', "FILTER", "Which interactions count, as 'channel = email'")     \
    X(EXPLAIN, "explain", 0, NULL, "Also say through which index they were found")                 \
    X(ORDER_BY, "order-by", 0, "ORDER", "create_time or update_time; with ' desc' backwards")      \
    X(LIMIT, "limit", 'l', "COUNT", "How many at most")                                            \
    X(TYPE_LIMIT, "limit", 'l', "COUNT", "How many values of the type a profile has, 1 to 50")     \
    X(ALL, "all", 0, NULL, "All of them; json holds the list in memory, ndjson streams it")        \
    X(PAGE_TOKEN, "page-token", 0, "TOKEN", "Go on where the page before ended")                   \
    X(JSON, "json", 'j', "FILE", "Read it as JSON from a file; - for standard input")              \
    X(PRIORITY, "priority", 0, "COUNT", "1 is the highest, 1000 the lowest")                       \
    X(MIN_LENGTH, "min-length", 0, "COUNT", "The shortest value that matches, 1 to 64")            \
    X(MATCH, "match", 0, "YES|NO", "Whether it matches records to profiles")                       \
    X(MERGE, "merge", 0, "YES|NO", "Whether it may join two profiles")                             \
    X(MERGE_PROVENANCE, "merge-provenance", 0, "HOW", "The least provenance that joins")           \
    X(VETO, "veto", 0, "NAMES", "Attributes whose difference vetoes, as birth_date,gender")        \
    X(BLOCKED, "blocked-value", 0, "VALUE", "A value that identifies nobody; replaces the list")   \
    X(PATTERN, "blocked-pattern", 0, "REGEX", "Values in which it is found identify nobody")       \
    X(NORMALIZER, "normalizer", 0, "HOW", "exact, case-fold, digits, email, phone or handle")      \
    X(IGNORE_DOTS, "email-ignore-dots", 0, "YES|NO", "Whether n.s@ is compared as ns@")            \
    X(IGNORE_TAG, "email-ignore-tag", 0, "YES|NO", "Whether ns+shop@ is compared as ns@")          \
    X(DISABLED, "disabled", 0, "YES|NO", "Whether what comes is only kept as contact data")        \
    X(RULES, "rules", 0, "VERSION", "The rules of an earlier version")                             \
    X(ROLE_MAILBOXES, "block-role-mailboxes", 0, "YES|NO", "Whether info@, sales@ … are blocked")  \
    X(RULE_VERSION, "rule-version", 0, "VERSION", "Refuse when the rules have changed since")      \
    X(SURVIVORSHIP, "survivorship", 0, "RULE", "most_recent, trusted_source or first_seen")        \
    X(TRUSTED, "trusted", 0, "NAMES", "Sources, the most trusted first, as crm,pos; '' for none")  \
    X(TYPE, "type", 0, "TYPE", "string, number, bool, date, time, enum, url, country or language") \
    X(TITLE, "title", 0, "TEXT", "What people call it")                                            \
    X(DESCRIPTION, "description", 0, "TEXT", "What it is for")                                     \
    X(VALUE, "value", 0, "VALUE", "A value of an enum; several times")                             \
    X(LABEL, "label", 0, "LANG=TEXT", "What people read for the --value before it; several times") \
    X(RETIRE_VALUE, "retire-value", 0, "VALUE", "A value that stays readable and is told no more") \
    X(DROP_VALUE, "drop-value", 0, "VALUE", "A value that is to be none any more")                 \
    X(LEAST, "min", 0, "VALUE", "The least number, date or time; '' for none")                     \
    X(GREATEST, "max", 0, "VALUE", "The greatest one; '' for none")                                \
    X(SHORTEST, "min-length", 0, "COUNT", "The least characters of a string")                      \
    X(LONGEST, "max-length", 0, "COUNT", "The most characters of a string, up to 1024 (256)")      \
    X(FORM, "pattern", 0, "REGEX", "What must be found in a string; '' for none")                  \
    X(MAX_VALUES, "max-values", 0, "COUNT", "More than 1: a list of so many at most, up to 50")    \
    X(REQUIRED_FOR, "required-for", 0, "CALLS", "create, import or both; '' for none")             \
    X(PERSONAL, "personal", 0, "YES|NO", "Whether values are sealed, and in no index")             \
    X(FORCE, "force", 0, NULL, "Also where values that are there would be refused")                \
    X(RESTORE, "restore", 0, NULL, "Bring back an attribute that was deleted")                     \
    X(SCHEMA_VERSION, "schema-version", 0, "VERSION", "Refuse when the schema has changed since")  \
    X(PROFILE, "profile", 'p', "ID", "The profile that it is about")                               \
    X(ABSORBED, "profile", 'p', "ID", "Undo the merge that took in this profile")                  \
    X(EVENT_ID, "event-id", 0, "ID", "The source's id: the same event is stored once")             \
    X(CHANNEL, "channel", 'c', "NAME", "A message or a post on this channel")                      \
    X(DIRECTION, "direction", 0, "WAY", "inbound or outbound")                                     \
    X(VISIBILITY, "visibility", 0, "WHO", "public or private")                                     \
    X(CONVERSATION, "conversation-id", 0, "ID", "The channel's id of the conversation")            \
    X(TEXT, "text", 0, "TEXT", "What was written")                                                 \
    X(WORDS, "text", 0, "WORDS", "Only those that have all of these words")                        \
    X(URL, "url", 0, "URL", "Where it can be seen")                                                \
    X(LANGUAGE, "language", 0, "TAG", "The language, as ar-SA")                                    \
    X(THEME, "theme", 0, "NAME", "The theme, as complaint")                                        \
    X(SUB_THEME, "sub-theme", 0, "NAME", "The sub-theme, as delivery")                             \
    X(CALLED, "label", 0, "LANGUAGE=TEXT", "What it is called, as ar=شكوى; several times")         \
    X(RENAMED, "label", 0, "LANGUAGE=TEXT",                                                        \
      "What it is called in a language, as ar=شكوى, or no longer, as ar=; several times")          \
    X(AUTHOR_TYPE, "identity-type", 0, "TYPE", "What an author on it is known by, as phone")       \
    X(SUB_THEMES, "sub-themes", 0, "NAMES", "All of its sub-themes, as delivery,payment")          \
    X(RETIRED, "retired", 0, "YES|NO", "Whether no further engagement takes it")                   \
    X(SENTIMENT, "sentiment", 0, "MOOD", "negative, neutral or positive")                          \
    X(BY, "by", 0, "NAMES", "What to count by, as channel,theme; at most three")                   \
    X(EVERY, "every", 0, "SPAN", "Count by day, week or month")                                    \
    X(ZONE, "zone", 0, "NAME", "The time zone of the days, as Asia/Riyadh")                        \
    X(TOP, "top", 0, "COUNT", "How many groups; the rest is counted together")                     \
    X(PEOPLE, "people", 0, NULL, "Count persons too")                                              \
    X(CSV, "csv", 0, NULL, "Write CSV")                                                            \
    X(ENGAGEMENTS, "engagements", 0, "DAYS", "How long engagements are kept; 0 for ever")          \
    X(SURVEYS, "surveys", 0, "DAYS", "How long survey responses are kept; 0 for ever")             \
    X(ACTIVITIES, "activities", 0, "DAYS", "How long activities are kept; 0 for ever")             \
    X(SCORE, "score", 0, "NUMBER", "How strong the mood is, -1 to 1")                              \
    X(DIALECT, "dialect", 0, "NAME", "The dialect of the text, as saudi")                          \
    X(SUB_DIALECT, "sub-dialect", 0, "NAME", "The sub-dialect of the text, as najdi_sa")           \
    X(AUTHOR, "author", 0, "HANDLE", "The author's handle or number on the channel")               \
    X(AGENT, "agent", 0, "NAME", "Who served the person")                                          \
    X(ACTIVITY, "activity", 0, "NAME", "A named event, as order_placed")                           \
    X(PROPERTY, "property", 0, "NAME=VALUE", "Of the activity: text, a number, true or false")     \
    X(AMOUNT, "amount", 0, "NUMBER", "What the activity is worth")                                 \
    X(CURRENCY, "currency", 0, "CODE", "The amount's currency, as SAR")                            \
    X(SURVEY, "survey", 0, "ID", "A completed survey")                                             \
    X(SURVEY_NAME, "survey-name", 0, "NAME", "The survey's name")                                  \
    X(ANSWER, "answer", 0, "QUESTION[:TYPE]=VALUE",                                                \
      "Of the survey, as recommend:nps=9 or call:phone=0500000017@SA")                             \
    X(MAP, "map", 'm', "COLUMN=FIELD", "Where a column goes; several times")                       \
    X(MAP_FILE, "map-file", 0, "FILE", "COLUMN=FIELD lines; one that begins with # is a comment")  \
    X(DELIMITER, "delimiter", 'd', "CHAR", "What separates the fields; guessed otherwise")         \
    X(FORMAT, "format", 0, "FORMAT", "csv or ndjson; guessed otherwise")                           \
    X(IMPORT_ID, "import-id", 0, "ID", "The import to begin or to go on with")                     \
    X(POLICY, "policy", 0, "POLICY", "merge (default), skip, fail or replace")                     \
    X(VERDICTS, "verdicts", 0, "FILE", "Write what came of each row, as NDJSON; - for stdout")     \
    X(BATCH, "batch", 0, "COUNT", "Rows in one message, at most 1000")                             \
    X(NO_HEADER, "no-header", 0, NULL, "The first row is data; columns are named 1, 2, …")         \
    X(STATE, "state", 0, "WHICH", "open (default), decided or all")                                \
    X(ACK_SECONDS, "ack-seconds", 0, "COUNT", "How long to acknowledge, 10 to 3600 (60)")          \
    X(MAX_ATTEMPTS, "max-attempts", 0, "COUNT", "How often one is delivered, 1 to 100 (5)")        \
    X(MAX_CHANGES, "max", 0, "COUNT", "How many changes at most, 1 to 500 (100)")                  \
    X(ACK, "ack", 0, NULL, "Acknowledge what was printed, once it is written")                     \
    X(ACK_FILE, "file", 0, "FILE", "Ids out of a file, one a line; - for standard input")          \
    X(SAMPLE, "sample", 0, "COUNT", "Also show so many of them, up to 100")                        \
    X(LAST_TIME, "last-time", 0, "TIME", "Refuse when a record has met the two after this")        \
    X(RATE, "rate", 0, "COUNT", "Profiles a second at most; as fast as it goes otherwise")         \
    X(WATCH, "watch", 0, NULL, "Go on telling when it changes")                                    \
    X(MIN_PROBABILITY, "min-probability", 0, "P", "How likely at least, 0.5 to 0.999 (0.7)")       \
    X(MAX, "max", 0, "COUNT", "How many at most, the likeliest, up to 10000 (1000)")               \
    X(WIDE, "wide", 0, NULL, "Also the score of each field, in bits")                              \
    X(WEIGHTS, "weights", 0, "FILE", "Weights, as `suggest estimate` writes them")                 \
    X(KIND, "kind", 0, "KIND", "engagement, survey-response or activity")                          \
    X(SINCE, "since", 0, "TIME", "Only those at this time or later")                               \
    X(UNTIL, "until", 0, "TIME", "Only those before this time")                                    \
    X(AGGREGATION, "aggregation", 0, "WHAT",                                                       \
      "count, sum, min, max, average, first, last, most-frequent or distinct-count")               \
    X(FIELD, "field", 0, "FIELD",                                                                  \
      "What of it: amount, channel, kind, theme, sub-theme, sentiment, sentiment-score, "          \
      "language, dialect, agent, name, source, property:NAME or answer:QUESTION")                  \
    X(WINDOW, "window", 0, "DAYS", "Of so many days, as 30d; of all time otherwise")               \
    X(ON_CHANNEL, "channel", 'c', "NAME", "Only what is on this channel; survey for surveys")      \
    X(NAMED, "name", 'n', "NAME", "Only activities of this name, or this survey")                  \
    X(STATIC, "static", 0, NULL, "Its members are listed: segment add and segment remove")         \
    X(DISPLAY_NAME, "display-name", 0, "TEXT", "What people call it")                              \
    X(COLOR, "color", 0, "COLOR", "A colour to show it in, as '#0a7d5c'; '' for none")             \
    X(TAGGED, "label", 0, "KEY=VALUE", "What a program keeps with it, as team=crm; several times") \
    X(RETAGGED, "label", 0, "KEY=VALUE",                                                           \
      "What a program keeps with it, as team=crm, or no longer, as team=; several times")          \
    X(KEPT, "state", 0, "STATE", "active, paused or archived")                                     \
    X(WAIT, "wait", 0, NULL, "Wait until everybody was judged by its filter")                      \
    X(ARCHIVED, "archived", 0, NULL, "Also those that are archived")                               \
    X(IDS, "ids", 0, NULL, "Only the ids of profiles, one a line")                                 \
    X(MEMBER_FILE, "file", 0, "FILE", "An id or TYPE:VALUE a line; - for standard input")          \
    X(KEEP_DECISIONS, "keep-decisions", 0, NULL, "Leave what was decided since as it is")          \
    X(REVIEW, "review", 0, NULL, "Put them into the review queue")                                 \
    X(OF_SEGMENT, "segment", 0, "NAME", "Only the members of this segment")                        \
    X(FIELDS, "fields", 0, "NAMES", "Which fields, or columns of CSV, as id,name,attributes")      \
    X(WITH_PERSONAL, "personal", 0, NULL, "Also what is personal: names, identities and so on")    \
    X(EXPORT_FORMAT, "format", 0, "FORMAT", "csv (default) or ndjson")                             \
    X(OUTPUT_FILE, "output-file", 0, "FILE", "Write it there; to standard output otherwise")       \
    X(CHANGE_KINDS, "kind", 0, "KINDS", "Only these kinds, as profile-created,segment-entered")    \
    X(OF_SEGMENTS, "segment", 0, "NAMES", "Only who enters or leaves these, as vip,riyadh")        \
    X(SNAPSHOT, "snapshot", 0, NULL, "First tell who there is")                                    \
    X(FROM, "from", 0, "TOKEN", "Go on behind the message that had this token")                    \
    X(WITH_PROFILE, "profile", 0, NULL, "Also tell the profile with each change")                  \
    X(SUBSCRIPTION, "subscription", 0, "NAME",                                                     \
      "What this subscription asks for, from its place on, which moves behind what was written")   \
    X(UNTIL_CAUGHT_UP, "until-caught-up", 0, NULL, "End when all that has happened is told")

enum cli_option {
    OPT_NONE = 0x200, /* Above the characters, which argp takes for short names. */
#define X(key, name, letter, argument, doc) OPT_##key,
    CLI_OPTIONS(X)
#undef X
        OPT_END,
};

enum { OPTION_COUNT = OPT_END - OPT_NONE - 1 };

/* The option as argp has it, but with our key. */
const struct argp_option *option_get(enum cli_option option);

/* The option's short name, or 0. */
int option_letter(enum cli_option option);
