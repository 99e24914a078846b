/* The customer view: one person on one page, the way somebody who answers them wants to read it.
 * Name and id, how complete it is, how to reach them, what is known, what they did and said. */

#include "client/cli/attribute_text.h"
#include "client/cli/output.h"
#include "client/cli/table.h"
#include "client/cli/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_WIDTH = 20, LABELS_MAX = 5, INDENT = 2 };

static void view_bar(const struct session *session, int32_t percent) {
    const int32_t bounded = percent < 0 ? 0 : percent > 100 ? 100 : percent;
    const int32_t full = (bounded * BAR_WIDTH + 50) / 100;
    fputs("Complete  ", stdout);
    screen_style(&session->screen, bounded >= 60 ? STYLE_GOOD : STYLE_WARN);
    for (int32_t i = 0; i < BAR_WIDTH; i++) {
        fputs(i < full ? "\xe2\x96\x88" : "\xe2\x96\x91", stdout);
    }
    screen_plain(&session->screen);
    fprintf(stdout, "  %" PRId32 " %%\n", percent);
}

static void view_head(const struct session *session, const Profiled__V1__Profile *profile) {
    char made[SHORT_TIME_SIZE];
    char changed[SHORT_TIME_SIZE];
    char deleted[SHORT_TIME_SIZE];
    output_time(profile->create_time, made);
    output_time(profile->update_time, changed);
    output_time(profile->delete_time, deleted);
    screen_style(&session->screen, STYLE_BOLD);
    output_text(&session->screen, profile->name);
    screen_plain(&session->screen);
    fputs(profile->name_derived ? "  (name derived)\n" : "\n", stdout);
    fprintf(stdout, "%s\n\n", profile->id);
    view_bar(session, profile->completeness);
    fprintf(stdout, "Created   %s   Changed  %s\n", made, changed);
    if (profile->delete_time != NULL) {
        screen_style(&session->screen, STYLE_BAD);
        fprintf(stdout, "Deleted   %s\n", deleted);
        screen_plain(&session->screen);
    }
    for (size_t i = 0; i < profile->n_merged_ids; i++) {
        fprintf(stdout, "%s%s\n", i == 0 ? "Merged    " : "          ", profile->merged_ids[i]);
    }
}

static void view_identities(const struct session *session, const Profiled__V1__Profile *profile) {
    static const struct table_column columns[] = {
        {.title = ""}, {.title = ""}, {.title = ""}, {.title = ""}, {.title = "", .whole = true},
    };
    if (profile->n_identities == 0) {
        return;
    }
    output_heading(session, "Identities\n");
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < profile->n_identities; i++) {
        const Profiled__V1__Identity *identity = profile->identities[i];
        char provenance[WORDS_SIZE];
        char rule[WORDS_SIZE];
        char state[WORDS_SIZE * 2];
        char day[SHORT_TIME_SIZE];
        output_words(&profiled__v1__provenance__descriptor, (int32_t)identity->provenance,
                     "PROVENANCE_", provenance);
        output_words(&profiled__v1__identity_rule__descriptor, (int32_t)identity->rule,
                     "IDENTITY_RULE_", rule);
        output_day(identity->last_seen_time, day);
        const bool contact =
            identity->state == PROFILED__V1__IDENTITY_STATE__IDENTITY_STATE_CONTACT;
        snprintf(state, sizeof state, "%s%s%s", contact ? "contact only" : "",
                 contact && rule[0] != '\0' ? ": " : "", contact ? rule : "");
        table_add(&table, identity->type);
        table_add(&table, identity->canonical_value[0] == '\0' ? identity->value
                                                               : identity->canonical_value);
        table_add(&table, provenance);
        table_add(&table, contact ? state : identity->source);
        table_add(&table, day);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void view_attributes(const struct session *session, const Profiled__V1__Profile *profile) {
    static const struct table_column columns[] = {
        {.title = "", .whole = true},
        {.title = ""},
        {.title = ""},
        {.title = "", .whole = true},
    };
    if (profile->n_attributes == 0) {
        return;
    }
    output_heading(session, "Attributes\n");
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < profile->n_attributes; i++) {
        const Profiled__V1__AttributeValue *value = profile->attributes[i]->value;
        char *text = attribute_text(value);
        if (text == NULL) {
            continue;
        }
        char day[SHORT_TIME_SIZE];
        output_day(value->observe_time, day);
        table_add(&table, profile->attributes[i]->key);
        table_add(&table, text);
        free(text);
        table_add(&table, value->source);
        table_add(&table, day);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

static void view_labels(const struct session *session, const char *title,
                        Profiled__V1__LabelCount *const *labels, size_t count) {
    if (count == 0) {
        return;
    }
    fprintf(stdout, "%*s%-14s", INDENT, "", title);
    for (size_t i = 0; i < count && i < LABELS_MAX; i++) {
        fputs(i == 0 ? "" : ", ", stdout);
        if (labels[i]->theme[0] != '\0') {
            output_text(&session->screen, labels[i]->theme);
            fputs(" / ", stdout);
        }
        output_text(&session->screen, labels[i]->label[0] == '\0' ? "(others)" : labels[i]->label);
        fprintf(stdout, " %" PRId64 "%s", labels[i]->count, labels[i]->at_least ? "+" : "");
    }
    fputs(count > LABELS_MAX ? ", \xe2\x80\xa6\n" : "\n", stdout);
}

static void view_net(const char *title, const Profiled__V1__NetSentiment *net, const char *note) {
    if (net != NULL) {
        fprintf(stdout, "%*s%-14s%+.2f of %" PRId64 "%s\n", INDENT, "", title, net->score,
                net->count, note);
    }
}

/* A column for each of the last days that tell a mood: up for what is in favour. */
static void view_trend(const struct session *session,
                       const Profiled__V1__InteractionSummary *summary) {
    static const char *const steps[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                        "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                        "\xe2\x96\x87"};
    enum { STEPS = sizeof steps / sizeof steps[0] };
    if (summary->n_sentiment_days == 0) {
        return;
    }
    fprintf(stdout, "%*s%-14s", INDENT, "", "trend");
    for (size_t i = 0; i < summary->n_sentiment_days; i++) {
        const Profiled__V1__SentimentDay *day = summary->sentiment_days[i];
        const int64_t count = day->negative + day->neutral + day->positive;
        const double score = (double)(day->positive - day->negative) / (double)count;
        screen_style(&session->screen, score < 0   ? STYLE_BAD
                                       : score > 0 ? STYLE_GOOD
                                                   : STYLE_PLAIN);
        fputs(steps[(int)((score + 1) / 2 * (STEPS - 1) + 0.5)], stdout);
        screen_plain(&session->screen);
    }
    fprintf(stdout, "  %s to %s\n", summary->sentiment_days[0]->day,
            summary->sentiment_days[summary->n_sentiment_days - 1]->day);
}

static void view_word(const struct session *session, const char *title, const char *word) {
    if (word[0] != '\0') {
        fprintf(stdout, "%*s%-14s", INDENT, "", title);
        output_text(&session->screen, word);
        fputs("  (of most messages)\n", stdout);
    }
}

static void view_interactions(const struct session *session,
                              const Profiled__V1__InteractionSummary *summary) {
    if (summary == NULL || summary->count == 0) {
        return;
    }
    char first[SHORT_TIME_SIZE];
    char last[SHORT_TIME_SIZE];
    output_day(summary->first_time, first);
    output_day(summary->last_time, last);
    output_heading(session, "Interactions");
    fprintf(stdout, "  %" PRId64 ", from %s to %s\n", summary->count, first, last);
    if (summary->uncertain) {
        fprintf(
            stdout,
            "%*s%-14sanother theme, language or dialect may be more frequent than what is told\n",
            INDENT, "", "uncertain");
    }
    if (summary->removed_count > 0) {
        char removed[SHORT_TIME_SIZE];
        output_day(summary->removed_time, removed);
        fprintf(stdout,
                "%*s%-14s%" PRId64
                " that are no longer kept, the latest of %s; times are of them too\n",
                INDENT, "", "not counted", summary->removed_count, removed);
    }
    view_labels(session, "kinds", summary->kinds, summary->n_kinds);
    view_labels(session, "channels", summary->channels, summary->n_channels);
    view_labels(session, "themes", summary->themes, summary->n_themes);
    view_labels(session, "sub-themes", summary->sub_themes, summary->n_sub_themes);
    view_labels(session, "sentiments", summary->sentiments, summary->n_sentiments);
    view_net("net", summary->net_sentiment, "");
    view_net("last 30 days", summary->recent_net_sentiment, summary->backfilling ? " so far" : "");
    view_trend(session, summary);
    view_word(session, "language", summary->dominant_language);
    view_word(session, "dialect", summary->dominant_dialect);
}

static const char *trait_value_text(const Profiled__V1__TraitValue *value,
                                    char out[SHORT_TIME_SIZE]) {
    switch (value->value_case) {
    case PROFILED__V1__TRAIT_VALUE__VALUE_NUMBER:
        snprintf(out, SHORT_TIME_SIZE, "%.12g", value->number);
        return out;
    case PROFILED__V1__TRAIT_VALUE__VALUE_TEXT:
        return value->text;
    case PROFILED__V1__TRAIT_VALUE__VALUE_TIME:
        output_time(value->time, out);
        return out;
    case PROFILED__V1__TRAIT_VALUE__VALUE__NOT_SET:
    case _PROFILED__V1__TRAIT_VALUE__VALUE__CASE_IS_INT_SIZE:
        break;
    }
    return "-";
}

static void view_traits(const struct session *session, const Profiled__V1__Profile *profile) {
    static const struct table_column columns[] = {
        {.title = "", .whole = true},
        {.title = ""},
        {.title = ""},
    };
    if (profile->n_traits == 0) {
        return;
    }
    output_heading(session, "Traits\n");
    struct table table;
    table_init_section(&table, columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; i < profile->n_traits; i++) {
        const Profiled__V1__TraitValue *value = profile->traits[i]->value;
        char text[SHORT_TIME_SIZE];
        char day[SHORT_TIME_SIZE];
        char left_out[48];
        if (value == NULL) {
            continue;
        }
        output_day(value->occur_time, day);
        snprintf(left_out, sizeof left_out, "%" PRId64 " interaction%s left out",
                 value->left_out_count, value->left_out_count == 1 ? "" : "s");
        table_add(&table, profile->traits[i]->key);
        table_add(&table, trait_value_text(value, text));
        table_add(&table, value->backfilling          ? "so far: not ready"
                          : value->left_out_count > 0 ? left_out
                          : value->text_cut           ? "cut to 128 bytes"
                                                      : day);
    }
    table_print(&table, &session->screen);
    table_free(&table);
}

void output_profile(const struct session *session, const Profiled__V1__Profile *profile) {
    view_head(session, profile);
    view_identities(session, profile);
    view_attributes(session, profile);
    view_traits(session, profile);
    view_interactions(session, profile->interaction_summary);
}
