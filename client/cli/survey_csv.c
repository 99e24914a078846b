/* Surveys as CSV. */

#include "client/cli/survey_csv.h"

#include "client/cli/csv_cells.h"
#include "client/cli/output.h"

#include <stdbool.h>
#include <stdio.h>

enum { NUMBER_SIZE = 32 };

static void header(void) {
    static const char *const titles[] = {
        "question_id", "question", "section", "type",           "answer_count",  "skipped_count",
        "average",     "min",      "max",     "promoter_count", "passive_count", "detractor_count",
        "nps",         "answer",   "rest",    "count"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        fputs(i == 0 ? "" : ",", stdout);
        csv_cell(titles[i], stdout);
    }
    fputs("\r\n", stdout);
}

static void told(const char *text) {
    csv_cell_told(text, stdout);
    fputc(',', stdout);
}

static void number(double value) {
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%.12g", value);
    csv_cell(text, stdout);
    fputc(',', stdout);
}

static void count(int64_t value) {
    csv_cell_number(value, stdout);
    fputc(',', stdout);
}

static void nothing(size_t cells) {
    for (size_t i = 0; i < cells; i++) {
        fputs("\"\",", stdout);
    }
}

static void numbers(const Profiled__V1__QuestionResult *question) {
    if (question->numbers == NULL) {
        nothing(3);
    } else {
        number(question->numbers->average);
        number(question->numbers->min);
        number(question->numbers->max);
    }
    if (question->nps == NULL) {
        nothing(4);
    } else {
        count(question->nps->promoter_count);
        count(question->nps->passive_count);
        count(question->nps->detractor_count);
        number(question->nps->score);
    }
}

static void row(const Profiled__V1__QuestionResult *question, const char *answer, bool is_rest,
                int64_t answered) {
    char type[WORDS_SIZE];
    output_words(&profiled__v1__question_type__descriptor, (int32_t)question->type,
                 "QUESTION_TYPE_", type);
    told(question->question_id);
    told(question->question);
    told(question->section);
    told(question->mixed ? "mixed" : type);
    count(question->answer_count);
    count(question->skipped_count);
    numbers(question);
    told(answer);
    told(is_rest ? "true" : "false");
    csv_cell_number(answered, stdout);
    fputs("\r\n", stdout);
}

int survey_csv_print(const Profiled__V1__AnalyzeSurveyResponse *response) {
    header();
    for (size_t i = 0; i < response->n_questions; i++) {
        const Profiled__V1__QuestionResult *question = response->questions[i];
        for (size_t k = 0; k < question->n_distribution; k++) {
            row(question, question->distribution[k]->answer, false,
                question->distribution[k]->count);
        }
        if (question->n_distribution == 0) {
            row(question, "", false, question->answer_count);
        }
        if (question->other_count > 0) {
            row(question, "", true, question->other_count);
        }
    }
    return output_flush();
}
