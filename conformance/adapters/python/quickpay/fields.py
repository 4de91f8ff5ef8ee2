"""The field tables of structures, in a notation of one line a field; tables.py reads it, and messages.py has those of the messages.

    NAME TYPE TIMES [LEAST-MOST bytes] [=VALUE] [choice N] [when PATH is|isnot VALUE [optional]] [F|H TIMES]

A name that occurs in two families is that of micropayment; the other one has its protocol before it, as in ``regular/GetOrder``.
"""

STRUCTURES = """
RequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  Receiver RoleId 1
  MsgId MsgId 1
  SentAt Time 1
AnonymousRequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Receiver RoleId 1
  MsgId MsgId 1
OpenRequestHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 0..1
  Receiver RoleId 1
  MsgId MsgId 1
  SentAt Time 1
ResponseHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  Receiver RoleId 0..1
  MsgId MsgId 1
  InReplyTo MsgId 0..1
  SentAt Time 1
AnonymousResponseHead
  Version Word 1 1-8
  Profile Profile 1
  Host HostId 1
  Sender RoleId 1
  MsgId MsgId 1
  InReplyTo MsgId 0..1
  SentAt Time 1
Status
  Code ErrorCode 1
  Retry Retry 1 when Code isnot QP-OK
  After Int 0..1
  Note Text 0..1 1-256
Ext
  Name ExtName 1 3-64
  Value Text 1 1-1024
Mac
  KeyRef Epoch 1
  Value Digest 1
Auth
  Mac Mac 1
HostReceipt
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  OrderId OrderId 1
  Digest Digest 1
  CommitId CommitId 1
  SettleBy Time 1
  RegisteredAt Time 1
  Mac Mac 1
OrderRef
  Kind Kind 1
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
MicroOrderRef
  Kind Kind 1 =micro
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
Order
  Kind Kind 1
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Created Time 1
  Expires Time 1
  ItemHash Digest 1
  BuyerTag Digest 1
  ContentHash Digest 0..1
RegularOrder
  Kind Kind 1 =regular
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Created Time 1
  Expires Time 1
  ItemHash Digest 1
  BuyerTag Digest 1
  ContentHash Digest 0..1
Offer
  Order Order 1
  ItemText Text 1 1-1024
  Salt Tok16 1
Endorsement
  Broker BrokerId 1
  EndorsementId EndorsementId 1
  OrderRef OrderRef 1
  EndorsedAt Time 1
  CheckBy Time 1
SignedOffer
  Order RegularOrder 1
  ItemText Text 1 1-1024
  Salt Tok16 1
  Sig Sig 1
Receipt
  Vendor VendorId 1
  Broker BrokerId 1
  OrderId OrderId 1
  Digest Digest 1
  CommitId CommitId 1
  AcceptedAt Time 1
  Sig Sig 1
Content
  MediaType Word 1 1-128
  Data B64 1 4-49152
Location
  Url Url 1 8-1024
  Ticket Tok16 1
  ValidTo Time 1
Sig
  KeyId Digest 1
  Value B64 1 4-1368
Approved
  OrderId OrderId 1
  Digest Digest 1
  Amount Amount 1
Approval
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  BatchId BatchId 1
  Approved Approved 1..10000
  ApprovedAt Time 1
  Sig Sig 1
RegularOrderRef
  Kind Kind 1 =regular
  Vendor VendorId 1
  OrderId OrderId 1
  Amount Amount 1
  Currency Currency 1
  Expires Time 1
  Digest Digest 1
Commitment
  Broker BrokerId 1
  CommitId CommitId 1
  OrderRef RegularOrderRef 1
  CommittedAt Time 1
  ClaimBy Time 1
  Sig Sig 1
ClaimItem
  OrderRef OrderRef 1
  CommitId CommitId 1
  Commitment Commitment 0..1
Claim
  BatchId BatchId 1
  Vendor VendorId 1
  Broker BrokerId 1
  Currency Currency 1
  Count Int 1
  Total Sum 1
  Approval Approval 0..8
  Item ClaimItem 1..10000
  Sig Sig 1
Accepted
  OrderId OrderId 1
  Amount Amount 1
  Commission Money0 1
Refused
  OrderId OrderId 1
  Digest Digest 1
  Code ErrorCode 1
  FirstBatch BatchId 0..1
Deduction
  RevokeId RevokeId 1
  OrderId OrderId 1
  Amount Amount 1
  CommissionReversed Money0 1
Settlement
  Broker BrokerId 1
  Vendor VendorId 1
  BatchId BatchId 1
  BatchDigest Digest 1
  Currency Currency 1
  Accepted Accepted 0..10000
  Refused Refused 0..10000
  AcceptedTotal Sum 1
  CommissionTotal Sum 1
  Deduction Deduction 0..10000
  DeductionTotal Sum 1
  PriorDebit Sum 1
  CarriedDebit Sum 1
  NetTotal Sum 1
  ValueDate Time 1
  SettledAt Time 1
  Sig Sig 1
Unreachable
  FirstTry Time 1
  LastTry Time 1
  Tries Int 1
CaseItem
  OrderRef OrderRef 1
  CommitId CommitId 0..1
  DeliveryId DeliveryId 0..1
  DeliveredAt Time 0..1
  HostReceipt HostReceipt 0..1 F 0
  Commitment Commitment 0..1
  Contest Yes 0..1
  Withdrawn Yes 0..1
HostCase
  Host HostId 1
  BatchId BatchId 1
  Vendor VendorId 1
  Broker BrokerId 1
  Settlement Settlement 0..8
  Unreachable Unreachable 0..1
  Item CaseItem 1..10000
  Sig Sig 1
Verdict
  OrderId OrderId 1
  Digest Digest 1
  Decision Ruling 1
  Code ErrorCode 1
  DecideBy Time 0..1
Verdicts
  Host HostId 1
  Vendor VendorId 1
  Broker BrokerId 1
  BatchId BatchId 1
  Verdict Verdict 1..10000
  Sig Sig 1
Revoke
  RevokeId RevokeId 1
  OrderRef OrderRef 1
  CommitId CommitId 1
  Reason RevokeReason 1
  RevokedAt Time 1
  Sig Sig 0..1 H 1
Endpoint
  Addr Addr 1
  Port Port 1
Net
  Addr Addr 1
  Prefix Prefix 1
ListedKey
  KeyId Digest 1
  PubKey B64 1 1-4096
  Usage KeyUse 1
  NotBefore Time 1
  NotAfter Time 1
  WithdrawnFrom Time 0..1
ListedCurrency
  Code Currency 1
  Exponent Exponent 0..1
  Active YesNo 1
OldestPaycard
  Product Word 1 1-64
  Version Ver 1
Entry
  Role PlayerRole 1
  Id RoleId 1
  State PlayerState 1
  Name Text 0..1 1-128
  Endpoint Endpoint 0..8
  SourceAddr Addr 0..16
  Profile Profile 0..2
  Protocol ServedFamily 0..6
  Key ListedKey 0..16
  Currency ListedCurrency 0..200
  CommissionBp BasisPoints 0..1
  MinPaycard OldestPaycard 0..16
  Net Net 0..8 when Role is wallet optional
  IssuedAt Time 1
  ValidTo Time 1
  Sig Sig 1
FirstKey
  PubKey B64 1 4-4096
  NotBefore Time 1
  NotAfter Time 1
  ProbeTag Digest 1
  Sig Sig 1
SharedKey
  Key Key32 1
  Epoch Epoch 1
  ValidTo Time 1
MemberKey
  PubKey B64 1 4-4096
  Usage KeyUse 1
  NotBefore Time 1
  NotAfter Time 1
  Nonce Tok16 1
  Sig Sig 1
WalletSoftware
  Name Word 1 1-64
  Version Ver 1
  ReleaseHash Digest 1
BrokerChange
  Broker BrokerId 1
  Name Text 0..1 1-128
  Endpoint Endpoint 0..8
  SourceAddr Addr 0..16
  Currency Currency 0..200
  CommissionBp BasisPoints 0..1
  MinPaycard OldestPaycard 0..16
  ChangedAt Time 1
  Sig Sig 1
PublishedKey
  Player RoleId 1
  PubKey B64 1 4-4096
  Usage KeyUse 1
  NotBefore Time 1
  NotAfter Time 1
  Sig Sig 1
KeyChange
  Key PublishedKey 1
  Sig Sig 0..1 F 1
Withdrawal
  Player RoleId 1
  KeyId Digest 1
  Reason WithdrawalReason 1
  From Time 1
  Sig Sig 1
SigningMemberKey
  PubKey B64 1 4-4096
  Usage KeyUse 1 =sign
  NotBefore Time 1
  NotAfter Time 1
  Nonce Tok16 1
  Sig Sig 1
Sealed
  KeyId Digest 1
  WrappedKey B64 1 1-1368
  Nonce Tok24 1
  Box B64 1 1-65536
SealedText
  KeyId Digest 1
  WrappedKey B64 1 1-1368
  Nonce Tok24 1
  Box B64 1 1-5484
Boxed
  Nonce Tok24 1
  Box B64 1 1-65536
WalletInfo
  WalletId WalletId 1
  Net Net 0..8
  LookupTicket Tok16 0..1
  PubKey B64 0..1 1-4096
Question
  No Int 1
  Prompt Text 1 1-256
  Form AnswerForm 1
  Choice Text 1..16 1-128 when Form is choice
  MaxLen AnswerLength 1
QuestionAnswer
  No Int 1
  Value Text 1 1-256
SpendingLimit
  Amount Amount 1
  Currency Currency 1
Audience
  Role AudienceRole 1 choice 1
  Id RoleId 1..100 choice 1
OwnAudience
  Role AudienceRole 1 choice 1
  Id RoleId 1 choice 1
Mail
  MessageNo MessageNo 1
  Producer RoleId 0..1
  Kind MailKind 1 3-40
  Audience OwnAudience 1
  OrderRef OrderRef 0..1
  Ref Word 0..1 1-64
  From Time 0..1
  To Time 0..1
  Text Text 0..1 1-4096
  Sealed SealedText 0..1
  ExpiresAt Time 0..1
  PostedAt Time 1
"""
