{{ staged(
    'zuora', 'Product', key='product_id',
    columns=[
        ('Id', 'text', 'product_id'),
        ('SKU', 'text', 'sku'),
        ('Name', 'text', 'product_name'),
        ('Category', 'text', 'category'),
        ('CreatedDate', 'timestamp', 'created_at'),
        ('UpdatedDate', 'timestamp', 'modified_at'),
    ]
) }}
