CREATE TABLE orders (id uuid PRIMARY KEY, item text NOT NULL, quantity int NOT NULL CHECK (quantity > 0), cents int NOT NULL, placed timestamptz NOT NULL DEFAULT now());
CREATE TABLE outbox (id uuid PRIMARY KEY REFERENCES orders);
CREATE TABLE deliveries (id uuid PRIMARY KEY REFERENCES orders, worker text NOT NULL, delivered timestamptz NOT NULL DEFAULT now());
CREATE TABLE sold (item text PRIMARY KEY, quantity int NOT NULL);
