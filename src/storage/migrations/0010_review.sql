-- 0010_review.sql  What a person must look at is found without reading all that was ever paid. Each index holds back
-- writes of its table while it is built; servers of the release before this one may keep running.

create index operations_review on operations (tenant, charge_id) where state = 'needs_review';
create index refunds_review on refunds (tenant, id) where state = 'needs_review';
