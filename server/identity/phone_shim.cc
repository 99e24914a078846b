/* libphonenumber behind C functions. Exceptions (of allocation, of its
 * regular expressions) end here as "not a number". */

#include "server/identity/phone_shim.h"

#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/* Made once, by whichever thread comes first; its const methods are thread-safe. */
const PhoneNumberUtil &phone_util() {
    static const PhoneNumberUtil &util = *PhoneNumberUtil::GetInstance();
    return util;
}

phone_shim_result result_of_error(PhoneNumberUtil::ErrorType error) {
    switch (error) {
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
        return PHONE_SHIM_NO_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
        return PHONE_SHIM_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN:
        return PHONE_SHIM_TOO_LONG;
    case PhoneNumberUtil::NO_PARSING_ERROR:
    case PhoneNumberUtil::NOT_A_NUMBER:
        break;
    }
    return PHONE_SHIM_NOT_A_NUMBER;
}

phone_shim_result result_of_length(PhoneNumberUtil::ValidationResult length) {
    switch (length) {
    case PhoneNumberUtil::IS_POSSIBLE:
        return PHONE_SHIM_POSSIBLE;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: /* It lacks the area code. */
    case PhoneNumberUtil::TOO_SHORT:
        return PHONE_SHIM_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG:
        return PHONE_SHIM_TOO_LONG;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
        return PHONE_SHIM_NO_COUNTRY;
    case PhoneNumberUtil::INVALID_LENGTH:
        break;
    }
    return PHONE_SHIM_BAD_LENGTH;
}

phone_shim_result parse(const char *text, const char *region, char *out) {
    PhoneNumber number;
    const PhoneNumberUtil::ErrorType error = phone_util().Parse(text, region, &number);
    if (error != PhoneNumberUtil::NO_PARSING_ERROR) {
        return result_of_error(error);
    }
    if (number.has_extension()) {
        return PHONE_SHIM_EXTENSION;
    }
    phone_shim_result result = PHONE_SHIM_VALID;
    if (!phone_util().IsValidNumber(number)) {
        result = result_of_length(phone_util().IsPossibleNumberWithReason(number));
        if (result != PHONE_SHIM_POSSIBLE) {
            return result;
        }
    }
    std::string e164;
    phone_util().Format(number, PhoneNumberUtil::E164, &e164);
    if (e164.size() >= PHONE_E164_SIZE_MAX) {
        return PHONE_SHIM_TOO_LONG;
    }
    std::memcpy(out, e164.c_str(), e164.size() + 1);
    return result;
}

} // namespace

extern "C" phone_shim_result phone_shim_parse(const char *number, const char *region,
                                              char out[PHONE_E164_SIZE_MAX]) {
    try {
        return parse(number, region, out);
    } catch (...) {
        return PHONE_SHIM_NOT_A_NUMBER;
    }
}

extern "C" bool phone_shim_has_mobile_length(const char *e164) {
    try {
        PhoneNumber number;
        return phone_util().Parse(e164, "ZZ", &number) == PhoneNumberUtil::NO_PARSING_ERROR &&
               phone_util().IsPossibleNumberForTypeWithReason(number, PhoneNumberUtil::MOBILE) ==
                   PhoneNumberUtil::IS_POSSIBLE;
    } catch (...) {
        return false;
    }
}

extern "C" bool phone_shim_region_is_known(const char *region) {
    try {
        return phone_util().GetCountryCodeForRegion(region) != 0;
    } catch (...) {
        return false;
    }
}
