"""QuickPay 1.0 micropayments, profile F: a Wallet and a Vendor written from the documents alone."""
