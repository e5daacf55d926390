import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

const MAX_PAGE = 1_000_000;

/** `page` of a query, from 1; the property's initial value is 1. */
export function PageNumber(): PropertyDecorator {
  return wholeNumber(MAX_PAGE, 1);
}

/** `page_size` of a query; the property's initial value is `fallback`. */
export function PageSize(max: number, fallback: number): PropertyDecorator {
  return wholeNumber(max, fallback);
}

function wholeNumber(maximum: number, fallback: number): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum, default: fallback }),
    IsOptional(),
    Type(() => Number),
    IsInt(),
    Min(1),
    Max(maximum),
  );
}
