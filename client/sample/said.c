/* What people say, and about what. */

#include "client/sample/said.h"

const struct said said[] = {
    {"question", "delivery", 0, "متى يوصل طلبي؟", "When will my order arrive?"},
    {"question", "products_services", 0, "هل المنتج متوفر باللون الأسود؟",
     "Is it available in black?"},
    {"question", "payment", 0, "هل أقدر أدفع عند الاستلام؟", "Can I pay on delivery?"},
    {"question", "portal_app", 0, "كيف أغير كلمة المرور في التطبيق؟",
     "How do I change my password in the app?"},
    {"question", "customer_services", 0, "كم ساعات العمل عندكم؟", "What are your opening hours?"},
    {"complaint", "delivery", -1, "الطلب تأخر أسبوع ولا أحد يرد",
     "My order is a week late and nobody answers"},
    {"complaint", "delivery", -1, "وصلني الطلب مكسور", "The parcel arrived broken"},
    {"complaint", "payment", -1, "انخصم المبلغ مرتين من حسابي", "I was charged twice"},
    {"complaint", "portal_app", -1, "التطبيق يعلق كل ما أفتحه", "The app freezes when I open it"},
    {"complaint", "products_services", -1, "المقاس غلط والجودة سيئة",
     "Wrong size and poor quality"},
    {"complaint", "customer_services", -1, "الموظف أغلق الخط في وجهي", "The agent hung up on me"},
    {"compliment", "customer_services", 1, "شكرا للموظفة، خدمة ممتازة",
     "Thanks to your agent, excellent service"},
    {"compliment", "delivery", 1, "التوصيل كان أسرع مما توقعت",
     "Delivery was faster than I expected"},
    {"compliment", "products_services", 1, "المنتج روعة، أنصح به", "Great product, I recommend it"},
    {"compliment", "portal_app", 1, "التحديث الجديد سهل وجميل", "The new update is easy and nice"},
    {"other", "undefined", 0, "السلام عليكم", "Hello"},
    {"other", "undefined", 1, "كل عام وأنتم بخير", "Season's greetings"},
};

const size_t said_count = sizeof said / sizeof said[0];
