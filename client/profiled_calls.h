#pragma once
/* One typed function for each unary RPC of profiled; see profiled_client.h. */

#include "client/profiled_client.h"

#include "profiled/v1/change_service.pb-c.h"
#include "profiled/v1/identity_service.pb-c.h"
#include "profiled/v1/interaction_service.pb-c.h"
#include "profiled/v1/profile_service.pb-c.h"
#include "profiled/v1/schema_service.pb-c.h"
#include "profiled/v1/segment_service.pb-c.h"

PROFILED_UNARY_RPC(profiled_create_profile, profiled__v1__profile_service__descriptor,
                   "CreateProfile", Profiled__V1__CreateProfileRequest,
                   Profiled__V1__CreateProfileResponse)
PROFILED_UNARY_RPC(profiled_get_profile, profiled__v1__profile_service__descriptor, "GetProfile",
                   Profiled__V1__GetProfileRequest, Profiled__V1__GetProfileResponse)
PROFILED_UNARY_RPC(profiled_batch_get_profiles, profiled__v1__profile_service__descriptor,
                   "BatchGetProfiles", Profiled__V1__BatchGetProfilesRequest,
                   Profiled__V1__BatchGetProfilesResponse)
PROFILED_UNARY_RPC(profiled_lookup_profile, profiled__v1__profile_service__descriptor,
                   "LookupProfile", Profiled__V1__LookupProfileRequest,
                   Profiled__V1__LookupProfileResponse)
PROFILED_UNARY_RPC(profiled_list_profiles, profiled__v1__profile_service__descriptor,
                   "ListProfiles", Profiled__V1__ListProfilesRequest,
                   Profiled__V1__ListProfilesResponse)
PROFILED_UNARY_RPC(profiled_update_profile, profiled__v1__profile_service__descriptor,
                   "UpdateProfile", Profiled__V1__UpdateProfileRequest,
                   Profiled__V1__UpdateProfileResponse)
PROFILED_UNARY_RPC(profiled_delete_profile, profiled__v1__profile_service__descriptor,
                   "DeleteProfile", Profiled__V1__DeleteProfileRequest,
                   Profiled__V1__DeleteProfileResponse)
PROFILED_UNARY_RPC(profiled_undelete_profile, profiled__v1__profile_service__descriptor,
                   "UndeleteProfile", Profiled__V1__UndeleteProfileRequest,
                   Profiled__V1__UndeleteProfileResponse)
PROFILED_UNARY_RPC(profiled_resolve_profile, profiled__v1__identity_service__descriptor,
                   "ResolveProfile", Profiled__V1__ResolveProfileRequest,
                   Profiled__V1__ResolveProfileResponse)
PROFILED_UNARY_RPC(profiled_batch_resolve_profiles, profiled__v1__identity_service__descriptor,
                   "BatchResolveProfiles", Profiled__V1__BatchResolveProfilesRequest,
                   Profiled__V1__BatchResolveProfilesResponse)
PROFILED_UNARY_RPC(profiled_link_identity, profiled__v1__identity_service__descriptor,
                   "LinkIdentity", Profiled__V1__LinkIdentityRequest,
                   Profiled__V1__LinkIdentityResponse)
PROFILED_UNARY_RPC(profiled_unlink_identity, profiled__v1__identity_service__descriptor,
                   "UnlinkIdentity", Profiled__V1__UnlinkIdentityRequest,
                   Profiled__V1__UnlinkIdentityResponse)
PROFILED_UNARY_RPC(profiled_merge_profiles, profiled__v1__identity_service__descriptor,
                   "MergeProfiles", Profiled__V1__MergeProfilesRequest,
                   Profiled__V1__MergeProfilesResponse)
PROFILED_UNARY_RPC(profiled_unmerge_profiles, profiled__v1__identity_service__descriptor,
                   "UnmergeProfiles", Profiled__V1__UnmergeProfilesRequest,
                   Profiled__V1__UnmergeProfilesResponse)
PROFILED_UNARY_RPC(profiled_list_merges, profiled__v1__identity_service__descriptor, "ListMerges",
                   Profiled__V1__ListMergesRequest, Profiled__V1__ListMergesResponse)
PROFILED_UNARY_RPC(profiled_list_never_joins, profiled__v1__identity_service__descriptor,
                   "ListNeverJoins", Profiled__V1__ListNeverJoinsRequest,
                   Profiled__V1__ListNeverJoinsResponse)
PROFILED_UNARY_RPC(profiled_delete_never_join, profiled__v1__identity_service__descriptor,
                   "DeleteNeverJoin", Profiled__V1__DeleteNeverJoinRequest,
                   Profiled__V1__DeleteNeverJoinResponse)
PROFILED_UNARY_RPC(profiled_list_identity_types, profiled__v1__identity_service__descriptor,
                   "ListIdentityTypes", Profiled__V1__ListIdentityTypesRequest,
                   Profiled__V1__ListIdentityTypesResponse)
PROFILED_UNARY_RPC(profiled_update_identity_type, profiled__v1__identity_service__descriptor,
                   "UpdateIdentityType", Profiled__V1__UpdateIdentityTypeRequest,
                   Profiled__V1__UpdateIdentityTypeResponse)
PROFILED_UNARY_RPC(profiled_create_identity_type, profiled__v1__identity_service__descriptor,
                   "CreateIdentityType", Profiled__V1__CreateIdentityTypeRequest,
                   Profiled__V1__CreateIdentityTypeResponse)
PROFILED_UNARY_RPC(profiled_explain_profile, profiled__v1__identity_service__descriptor,
                   "ExplainProfile", Profiled__V1__ExplainProfileRequest,
                   Profiled__V1__ExplainProfileResponse)
PROFILED_UNARY_RPC(profiled_explain_match, profiled__v1__identity_service__descriptor,
                   "ExplainMatch", Profiled__V1__ExplainMatchRequest,
                   Profiled__V1__ExplainMatchResponse)
PROFILED_UNARY_RPC(profiled_create_never_join, profiled__v1__identity_service__descriptor,
                   "CreateNeverJoin", Profiled__V1__CreateNeverJoinRequest,
                   Profiled__V1__CreateNeverJoinResponse)
PROFILED_UNARY_RPC(profiled_list_reviews, profiled__v1__identity_service__descriptor, "ListReviews",
                   Profiled__V1__ListReviewsRequest, Profiled__V1__ListReviewsResponse)
PROFILED_UNARY_RPC(profiled_get_review, profiled__v1__identity_service__descriptor, "GetReview",
                   Profiled__V1__GetReviewRequest, Profiled__V1__GetReviewResponse)
PROFILED_UNARY_RPC(profiled_decide_review, profiled__v1__identity_service__descriptor,
                   "DecideReview", Profiled__V1__DecideReviewRequest,
                   Profiled__V1__DecideReviewResponse)
PROFILED_UNARY_RPC(profiled_record_interaction, profiled__v1__interaction_service__descriptor,
                   "RecordInteraction", Profiled__V1__RecordInteractionRequest,
                   Profiled__V1__RecordInteractionResponse)
PROFILED_UNARY_RPC(profiled_batch_record_interactions,
                   profiled__v1__interaction_service__descriptor, "BatchRecordInteractions",
                   Profiled__V1__BatchRecordInteractionsRequest,
                   Profiled__V1__BatchRecordInteractionsResponse)
PROFILED_UNARY_RPC(profiled_list_interactions, profiled__v1__interaction_service__descriptor,
                   "ListInteractions", Profiled__V1__ListInteractionsRequest,
                   Profiled__V1__ListInteractionsResponse)
PROFILED_UNARY_RPC(profiled_get_retention, profiled__v1__interaction_service__descriptor,
                   "GetRetention", Profiled__V1__GetRetentionRequest,
                   Profiled__V1__GetRetentionResponse)
PROFILED_UNARY_RPC(profiled_update_retention, profiled__v1__interaction_service__descriptor,
                   "UpdateRetention", Profiled__V1__UpdateRetentionRequest,
                   Profiled__V1__UpdateRetentionResponse)
PROFILED_UNARY_RPC(profiled_create_subscription, profiled__v1__change_service__descriptor,
                   "CreateSubscription", Profiled__V1__CreateSubscriptionRequest,
                   Profiled__V1__CreateSubscriptionResponse)
PROFILED_UNARY_RPC(profiled_get_subscription, profiled__v1__change_service__descriptor,
                   "GetSubscription", Profiled__V1__GetSubscriptionRequest,
                   Profiled__V1__GetSubscriptionResponse)
PROFILED_UNARY_RPC(profiled_list_subscriptions, profiled__v1__change_service__descriptor,
                   "ListSubscriptions", Profiled__V1__ListSubscriptionsRequest,
                   Profiled__V1__ListSubscriptionsResponse)
PROFILED_UNARY_RPC(profiled_delete_subscription, profiled__v1__change_service__descriptor,
                   "DeleteSubscription", Profiled__V1__DeleteSubscriptionRequest,
                   Profiled__V1__DeleteSubscriptionResponse)
PROFILED_UNARY_RPC(profiled_pull_changes, profiled__v1__change_service__descriptor, "PullChanges",
                   Profiled__V1__PullChangesRequest, Profiled__V1__PullChangesResponse)
PROFILED_UNARY_RPC(profiled_acknowledge_changes, profiled__v1__change_service__descriptor,
                   "AcknowledgeChanges", Profiled__V1__AcknowledgeChangesRequest,
                   Profiled__V1__AcknowledgeChangesResponse)
PROFILED_UNARY_RPC(profiled_list_dead_letters, profiled__v1__change_service__descriptor,
                   "ListDeadLetters", Profiled__V1__ListDeadLettersRequest,
                   Profiled__V1__ListDeadLettersResponse)
PROFILED_UNARY_RPC(profiled_retry_dead_letters, profiled__v1__change_service__descriptor,
                   "RetryDeadLetters", Profiled__V1__RetryDeadLettersRequest,
                   Profiled__V1__RetryDeadLettersResponse)
PROFILED_UNARY_RPC(profiled_list_attributes, profiled__v1__schema_service__descriptor,
                   "ListAttributes", Profiled__V1__ListAttributesRequest,
                   Profiled__V1__ListAttributesResponse)
PROFILED_UNARY_RPC(profiled_create_attribute, profiled__v1__schema_service__descriptor,
                   "CreateAttribute", Profiled__V1__CreateAttributeRequest,
                   Profiled__V1__CreateAttributeResponse)
PROFILED_UNARY_RPC(profiled_get_attribute, profiled__v1__schema_service__descriptor, "GetAttribute",
                   Profiled__V1__GetAttributeRequest, Profiled__V1__GetAttributeResponse)
PROFILED_UNARY_RPC(profiled_delete_attribute, profiled__v1__schema_service__descriptor,
                   "DeleteAttribute", Profiled__V1__DeleteAttributeRequest,
                   Profiled__V1__DeleteAttributeResponse)
PROFILED_UNARY_RPC(profiled_update_attribute, profiled__v1__schema_service__descriptor,
                   "UpdateAttribute", Profiled__V1__UpdateAttributeRequest,
                   Profiled__V1__UpdateAttributeResponse)
PROFILED_UNARY_RPC(profiled_list_channels, profiled__v1__schema_service__descriptor, "ListChannels",
                   Profiled__V1__ListChannelsRequest, Profiled__V1__ListChannelsResponse)
PROFILED_UNARY_RPC(profiled_create_channel, profiled__v1__schema_service__descriptor,
                   "CreateChannel", Profiled__V1__CreateChannelRequest,
                   Profiled__V1__CreateChannelResponse)
PROFILED_UNARY_RPC(profiled_update_channel, profiled__v1__schema_service__descriptor,
                   "UpdateChannel", Profiled__V1__UpdateChannelRequest,
                   Profiled__V1__UpdateChannelResponse)
PROFILED_UNARY_RPC(profiled_delete_channel, profiled__v1__schema_service__descriptor,
                   "DeleteChannel", Profiled__V1__DeleteChannelRequest,
                   Profiled__V1__DeleteChannelResponse)
PROFILED_UNARY_RPC(profiled_list_themes, profiled__v1__schema_service__descriptor, "ListThemes",
                   Profiled__V1__ListThemesRequest, Profiled__V1__ListThemesResponse)
PROFILED_UNARY_RPC(profiled_create_theme, profiled__v1__schema_service__descriptor, "CreateTheme",
                   Profiled__V1__CreateThemeRequest, Profiled__V1__CreateThemeResponse)
PROFILED_UNARY_RPC(profiled_update_theme, profiled__v1__schema_service__descriptor, "UpdateTheme",
                   Profiled__V1__UpdateThemeRequest, Profiled__V1__UpdateThemeResponse)
PROFILED_UNARY_RPC(profiled_delete_theme, profiled__v1__schema_service__descriptor, "DeleteTheme",
                   Profiled__V1__DeleteThemeRequest, Profiled__V1__DeleteThemeResponse)
PROFILED_UNARY_RPC(profiled_list_traits, profiled__v1__schema_service__descriptor, "ListTraits",
                   Profiled__V1__ListTraitsRequest, Profiled__V1__ListTraitsResponse)
PROFILED_UNARY_RPC(profiled_create_trait, profiled__v1__schema_service__descriptor, "CreateTrait",
                   Profiled__V1__CreateTraitRequest, Profiled__V1__CreateTraitResponse)
PROFILED_UNARY_RPC(profiled_update_trait, profiled__v1__schema_service__descriptor, "UpdateTrait",
                   Profiled__V1__UpdateTraitRequest, Profiled__V1__UpdateTraitResponse)
PROFILED_UNARY_RPC(profiled_delete_trait, profiled__v1__schema_service__descriptor, "DeleteTrait",
                   Profiled__V1__DeleteTraitRequest, Profiled__V1__DeleteTraitResponse)
PROFILED_UNARY_RPC(profiled_backfill_traits, profiled__v1__schema_service__descriptor,
                   "BackfillTraits", Profiled__V1__BackfillTraitsRequest,
                   Profiled__V1__BackfillTraitsResponse)
PROFILED_UNARY_RPC(profiled_create_segment, profiled__v1__segment_service__descriptor,
                   "CreateSegment", Profiled__V1__CreateSegmentRequest,
                   Profiled__V1__CreateSegmentResponse)
PROFILED_UNARY_RPC(profiled_get_segment, profiled__v1__segment_service__descriptor, "GetSegment",
                   Profiled__V1__GetSegmentRequest, Profiled__V1__GetSegmentResponse)
PROFILED_UNARY_RPC(profiled_list_segments, profiled__v1__segment_service__descriptor,
                   "ListSegments", Profiled__V1__ListSegmentsRequest,
                   Profiled__V1__ListSegmentsResponse)
PROFILED_UNARY_RPC(profiled_update_segment, profiled__v1__segment_service__descriptor,
                   "UpdateSegment", Profiled__V1__UpdateSegmentRequest,
                   Profiled__V1__UpdateSegmentResponse)
PROFILED_UNARY_RPC(profiled_delete_segment, profiled__v1__segment_service__descriptor,
                   "DeleteSegment", Profiled__V1__DeleteSegmentRequest,
                   Profiled__V1__DeleteSegmentResponse)
PROFILED_UNARY_RPC(profiled_list_segment_members, profiled__v1__segment_service__descriptor,
                   "ListSegmentMembers", Profiled__V1__ListSegmentMembersRequest,
                   Profiled__V1__ListSegmentMembersResponse)
PROFILED_UNARY_RPC(profiled_check_membership, profiled__v1__segment_service__descriptor,
                   "CheckMembership", Profiled__V1__CheckMembershipRequest,
                   Profiled__V1__CheckMembershipResponse)
PROFILED_UNARY_RPC(profiled_add_segment_members, profiled__v1__segment_service__descriptor,
                   "AddSegmentMembers", Profiled__V1__AddSegmentMembersRequest,
                   Profiled__V1__AddSegmentMembersResponse)
PROFILED_UNARY_RPC(profiled_remove_segment_members, profiled__v1__segment_service__descriptor,
                   "RemoveSegmentMembers", Profiled__V1__RemoveSegmentMembersRequest,
                   Profiled__V1__RemoveSegmentMembersResponse)
PROFILED_UNARY_RPC(profiled_overlap_segments, profiled__v1__segment_service__descriptor,
                   "OverlapSegments", Profiled__V1__OverlapSegmentsRequest,
                   Profiled__V1__OverlapSegmentsResponse)
PROFILED_UNARY_RPC(profiled_list_segment_sizes, profiled__v1__segment_service__descriptor,
                   "ListSegmentSizes", Profiled__V1__ListSegmentSizesRequest,
                   Profiled__V1__ListSegmentSizesResponse)
