#pragma once
/* What was answered to a survey, as CSV: a row for each answer that was told of a question, with
 * what the question comes to in each; one row of a question without such answers. */

#include "profiled/v1/interaction_service.pb-c.h"

/* Writes it to standard output. Answers an exit code, with what went wrong told. */
int survey_csv_print(const Profiled__V1__AnalyzeSurveyResponse *response);
